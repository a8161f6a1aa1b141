import { readFileSync } from 'node:fs';
import { describeNode, describeProbe, type Probe, probeMachine } from '../../src/sandbox/probe-machine.js';

const FULL: Probe = {
  kernel: '6.1.0',
  cores: 4,
  root: false,
  direct: false,
  userNamespace: true,
  pidNamespace: true,
  ipcNamespace: true,
  mountNamespace: true,
  networkNamespace: true,
  runSpace: true,
  ownProc: true,
  firstPid: true,
  queueBytes: true,
  seccompTrace: true,
  ptrace: true,
  ptraceScope: 1,
  landlockAbi: 4,
  msgmax: 8192,
  msgmnb: 16_384,
  msgmni: 32_000,
};
const notGood = (probe: Probe): string[] =>
  describeProbe(probe).flatMap(({ name, value, status }) =>
    status === 'good' ? [] : [`${name}: ${value} (${status})`],
  );

test('docs/troubleshooting.md has a row for everything that doctor may say', async () => {
  const rows = readFileSync(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8').matchAll(
    /^\| ([\w /,]+) \|/gm,
  );
  const explained = new Set([...rows].flatMap(([, names]) => names!.split(', ')));
  const facts = [...(await probeMachine()).facts, ...describeProbe(FULL), { name: 'supervisor' }];
  expect(facts.map(({ name }) => name).filter((name) => !explained.has(name))).toEqual([]);
});

test('a machine that allows everything has nothing to say against it, as root and as an ordinary user', () => {
  expect(notGood(FULL)).toEqual([]);
  expect(notGood({ ...FULL, root: true, direct: true })).toEqual([]);
});

test('where there is no supervisor it is said what can be done, and nothing is tried', async () => {
  const { canGrade, facts } = await probeMachine('linux', 'arm64');
  expect([canGrade, facts.map(({ name, status }) => `${name} ${status}`)]).toEqual([
    false,
    ['platform missing', 'node good', 'temporary files good'],
  ]);
  expect(facts[0]!.consequence).toMatch(/`ipclab run`.* and graded on another machine/);
  expect((await probeMachine('darwin', 'arm64')).facts[0]!.consequence).toMatch(/Use WSL 2 or a dev container/);
});

test('a locked container is told to be one: nothing can be run there', () => {
  const locked = {
    ...FULL,
    userNamespace: false,
    pidNamespace: false,
    ipcNamespace: false,
    mountNamespace: false,
    runSpace: false,
    ptrace: false,
  };
  expect(notGood({ ...locked, root: true })).toEqual([
    'rights: root without capabilities (missing)',
    'namespaces: refused: PID, IPC, mount, all at once (missing)',
    'ptrace: no, Yama scope 1 (missing)',
  ]);
});

test('an older kernel and a half-open container can grade, with less', () => {
  expect(
    notGood({ ...FULL, landlockAbi: 0, networkNamespace: false, ownProc: false, firstPid: false, queueBytes: false }),
  ).toEqual([
    'Landlock: no (limited)',
    'network: filter only (limited)',
    'own /proc: no (limited)',
    'first pid: no (limited)',
    'queue size: msgmax 8192, msgmnb 16384, msgmni 32000 (limited)',
  ]);
});

test('a Node that is too old cannot be used, one that is too new may fail', () => {
  expect(['18.20.0', '20.1.0', '26.0.0', '27.0.0'].map((version) => describeNode(version).status)).toEqual([
    'missing',
    'good',
    'good',
    'limited',
  ]);
});

test('this machine is described, each fact with a consequence', async () => {
  const { facts, canGrade } = await probeMachine();
  expect(facts.length).toBeGreaterThan(10);
  expect(facts.filter(({ value, consequence }) => value === '' || consequence === '')).toEqual([]);
  expect(canGrade).toBe(facts.every(({ status }) => status !== 'missing'));
});
