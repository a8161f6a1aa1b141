import type { Gate, Limits, RunPlan } from '@ipclab/native/supervisor';
import type { Build } from '../build/build.js';
import { Fault } from '../fault.js';
import type { Schedule } from '../schedule/schedule.js';
import { getProcessNames, type Scenario } from './scenario.js';

const MiB = 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  // Far more than the processor time, so that on a busy machine, too, it is that limit which ends a program that computes for ever.
  wallMs: 30_000,
  cpuMs: 500,
  memoryBytes: 512 * MiB,
  outputBytes: MiB,
  processes: 64,
  fileBytes: 16 * MiB,
  steps: 5000,
};

/** The environment of every process: what a C program or Node needs, and nothing of this machine's. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };

/**
 * Makes the plan of one run. `folder`: absolute, where the processes will work, with the scenario's files already in it.
 * Throws a Fault if a role that the scenario starts did not build; ask `build.programs` first.
 */
export function createPlan(
  scenario: Scenario,
  build: Pick<Build, 'programs' | 'readable'>,
  schedule: Schedule,
  folder: string,
): RunPlan {
  const names = getProcessNames(scenario.start);
  const entries = scenario.start.flatMap((entry) => Array.from({ length: entry.count }, () => entry));
  const env: Record<string, string> = { ...ENVIRONMENT, HOME: folder, ...(scenario.pty ? { TERM: 'xterm' } : {}) };
  return {
    processes: entries.flatMap(({ role, args, stdin, after }, index) => {
      if (schedule.absent.includes(names[index]!)) return [];
      const program = build.programs[role];
      if (!program) throw new Fault('plan', `Expected a program for role ${role}, got none: it did not build.`);
      return {
        name: names[index]!,
        role,
        program,
        args,
        env,
        stdin,
        ...(after ? { after: createGate(after) } : {}),
      };
    }),
    strategy: schedule.strategy,
    deviations: schedule.deviations,
    injections: schedule.injections,
    faults: schedule.faults,
    recordPoints: schedule.recordPoints ?? false,
    places: schedule.places ?? false,
    stops: scenario.stop,
    limits: { ...DEFAULT_LIMITS, ...dropUndefined(scenario.limits) },
    folder,
    readable: build.readable,
    decoys: scenario.decoys.map(({ key, mode, messages }) => ({
      kind: 'queue',
      key,
      mode,
      messages: messages.map(({ mtype, text }) => ({ mtype, data: Buffer.from(text).toString('base64') })),
    })),
    ...(scenario.queueBytes === undefined ? {} : { queueBytes: scenario.queueBytes }),
    burntIds: scenario.burntIds,
    pty: scenario.pty,
    ...(scenario.fileCalls ? { fileCalls: true } : {}),
    ...(scenario.signalCalls ? { signalCalls: true } : {}),
  };
}

function createGate(after: NonNullable<Scenario['start'][number]['after']>): Gate | Gate[] {
  if ('ends' in after) return [after.ends].flat().map((process) => ({ process, call: 'exit' }));
  const { process, call, times } = after;
  return { process, call, ...(times ? { times } : {}) };
}

function dropUndefined(limits: Scenario['limits']): Partial<Limits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
