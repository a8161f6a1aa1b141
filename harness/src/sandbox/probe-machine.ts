import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Fault } from '../fault.js';
import { askProbe } from '../run/engine.js';
import { describeUnfit } from './platform.js';

/** One thing that this machine has or has not, and what follows from it. */
export interface Fact {
  name: string;
  /** As found: a version, a number, yes or no. */
  value: string;
  /** 'limited': grading works, with less. 'missing': it does not work. */
  status: 'good' | 'limited' | 'missing';
  /** One or two sentences for people; with what to do where something is missing. */
  consequence: string;
}

/** What this machine can and cannot do, for `ipclab doctor`. */
export interface Machine {
  canGrade: boolean;
  facts: Fact[];
}

/** As native/supervisor/probe.h finds it, by trying. */
export interface Probe {
  kernel: string;
  cores: number;
  root: boolean;
  direct: boolean;
  userNamespace: boolean;
  pidNamespace: boolean;
  ipcNamespace: boolean;
  mountNamespace: boolean;
  networkNamespace: boolean;
  runSpace: boolean;
  ownProc: boolean;
  firstPid: boolean;
  queueBytes: boolean;
  seccompTrace: boolean;
  ptrace: boolean;
  ptraceScope: number;
  landlockAbi: number;
  msgmax: number;
  msgmnb: number;
  msgmni: number;
}

const MiB = 1024 * 1024;
const MIN_NODE = 20;
/** The versions of Node on which fork() was tried (node-fork notes, 2026-11). */
const MAX_NODE = 26;
const SMALL_DISK_BYTES = 512 * MiB;

const yes = (value: boolean): string => (value ? 'yes' : 'no');

/** Asks the kernel, through an engine, and puts the answers into words. Never throws a Fault: that there is no engine is a fact too. */
export async function probeMachine(platform: string = process.platform, arch: string = process.arch): Promise<Machine> {
  const kind = describePlatform(platform, arch);
  const surroundings = [kind, describeNode(process.versions.node), describeDisk()];
  if (kind.status === 'missing') return toMachine(surroundings);
  try {
    const probe = (await askProbe()) as unknown as Probe;
    return toMachine([...surroundings, ...describeProbe(probe)]);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const consequence = `Nothing can be run: ${error.message} If the native part is not built, \`npm rebuild @ipclab/native\` builds it; it needs a C++ compiler and make.`;
    return toMachine([
      ...surroundings,
      { name: 'supervisor', value: 'does not start', status: 'missing', consequence },
    ]);
  }
}

function toMachine(facts: Fact[]): Machine {
  return { canGrade: facts.every(({ status }) => status !== 'missing'), facts };
}

function describePlatform(platform: string, arch: string): Fact {
  const unfit = describeUnfit(platform, arch);
  return {
    name: 'platform',
    value: `${platform} ${arch}`,
    status: unfit === undefined ? 'good' : 'missing',
    consequence: unfit ?? 'The supervisor knows its system calls.',
  };
}

/** Exported for its test. */
export function describeNode(version: string): Fact {
  const major = Number(version.split('.')[0]);
  if (major < MIN_NODE) {
    return { name: 'node', value: version, status: 'missing', consequence: `Node ${MIN_NODE} or later is needed.` };
  }
  if (major > MAX_NODE) {
    const consequence = `fork() was tried with Node ${MIN_NODE} to ${MAX_NODE} and depends on how Node is made; with this one it may fail.`;
    return { name: 'node', value: version, status: 'limited', consequence };
  }
  return { name: 'node', value: version, status: 'good', consequence: 'fork() was tried with this version.' };
}

function describeDisk(): Fact {
  const { bavail, bsize } = statfsSync(tmpdir());
  const free = bavail * bsize;
  const small = free < SMALL_DISK_BYTES;
  return {
    name: 'temporary files',
    value: `${Math.floor(free / MiB)} MiB free in ${tmpdir()}`,
    status: small ? 'limited' : 'good',
    consequence: small
      ? 'Runs may fail for want of space. Set TMPDIR to another folder.'
      : 'Enough for the folders of runs.',
  };
}

/** Exported for its test. */
export function describeProbe(probe: Probe): Fact[] {
  return [
    describeRights(probe),
    {
      name: 'namespaces',
      value: listMissing({
        PID: probe.pidNamespace,
        IPC: probe.ipcNamespace,
        mount: probe.mountNamespace,
        'all at once': probe.runSpace,
      }),
      ...choose(
        probe.runSpace,
        'Each run has queues and process numbers of its own; nothing of it is left behind.',
        'missing',
        'Runs cannot be kept apart from this machine, so nothing is run. In a container, allow it to make namespaces (Docker: --cap-add SYS_ADMIN, or --security-opt seccomp=unconfined for an ordinary user).',
      ),
    },
    {
      name: 'ptrace',
      value: probe.ptraceScope > 0 ? `${yes(probe.ptrace)}, Yama scope ${probe.ptraceScope}` : yes(probe.ptrace),
      ...choose(
        probe.ptrace,
        'The supervisor can hold each process at its calls.',
        'missing',
        'The supervisor cannot hold processes, so nothing is run. Yama must be below 3 (sysctl kernel.yama.ptrace_scope); a container may need --cap-add SYS_PTRACE.',
      ),
    },
    {
      name: 'seccomp',
      value: yes(probe.seccompTrace),
      ...choose(
        probe.seccompTrace,
        'Calls are traced at little cost, and dangerous ones refused.',
        'missing',
        'Calls cannot be traced, so nothing is run. The kernel needs CONFIG_SECCOMP_FILTER.',
      ),
    },
    {
      name: 'Landlock',
      value: probe.landlockAbi > 0 ? `version ${probe.landlockAbi}` : 'no',
      ...choose(
        probe.landlockAbi > 0,
        'Programs read the system and their own folder, and write only there.',
        'limited',
        "Programs are a user of their own, but may read what every user may. Do not grade strangers' programs here. It needs Linux 5.13 and lsm=landlock.",
      ),
    },
    {
      name: 'network',
      value: probe.networkNamespace ? 'namespace' : 'filter only',
      ...choose(
        probe.networkNamespace,
        'Programs have no network.',
        'limited',
        'Only the filter of system calls keeps programs off the network.',
      ),
    },
    {
      name: 'own /proc',
      value: yes(probe.ownProc),
      ...choose(
        probe.ownProc,
        'Programs see the processes of their run in /proc.',
        'limited',
        'Programs see the process numbers of this machine in /proc, not their own.',
      ),
    },
    {
      name: 'first pid',
      value: yes(probe.firstPid),
      ...choose(
        probe.firstPid,
        'Process numbers are the same in each run with the same seed.',
        'limited',
        'Process numbers of a run begin at 2: a pid used as a message type may look like a small type, and tokens may not replay elsewhere.',
      ),
    },
    {
      name: 'queue size',
      value: `msgmax ${probe.msgmax}, msgmnb ${probe.msgmnb}, msgmni ${probe.msgmni}`,
      ...choose(
        probe.queueBytes,
        'Scenarios may set the size of queues.',
        'limited',
        `Queues hold what this machine gives, ${probe.msgmnb} bytes: scenarios with queueBytes do not test what they should.`,
      ),
    },
    {
      name: 'kernel',
      value: `Linux ${probe.kernel}`,
      status: 'good',
      consequence: 'What a result depends on is in its fingerprint.',
    },
    {
      name: 'processors',
      value: String(probe.cores),
      status: 'good',
      consequence: `So many submissions can be graded at the same time without slowing each other.`,
    },
  ];
}

function describeRights({ direct, userNamespace, root }: Probe): Fact {
  const name = 'rights';
  if (direct)
    return {
      name,
      value: root ? 'root' : 'capabilities',
      status: 'good',
      consequence: 'Programs run as user 60999, never as root.',
    };
  if (userNamespace) {
    const consequence =
      'Programs run in a user namespace, and see themselves as user 60999. Outside of it they have your rights, less what Landlock takes.';
    return { name, value: 'ordinary user, with user namespaces', status: 'good', consequence };
  }
  const consequence =
    'Neither root nor user namespaces. Run as root, or allow them (Debian: sysctl kernel.unprivileged_userns_clone=1; Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0).';
  return { name, value: root ? 'root without capabilities' : 'ordinary user', status: 'missing', consequence };
}

function choose(
  has: boolean,
  good: string,
  without: 'limited' | 'missing',
  bad: string,
): Pick<Fact, 'status' | 'consequence'> {
  return has ? { status: 'good', consequence: good } : { status: without, consequence: bad };
}

function listMissing(parts: Record<string, boolean>): string {
  const missing = Object.keys(parts).filter((name) => !parts[name]);
  return missing.length === 0 ? 'yes' : `refused: ${missing.join(', ')}`;
}
