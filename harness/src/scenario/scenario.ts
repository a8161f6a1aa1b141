import { constants } from 'node:os';
import { z } from 'zod';

/** Letters, digits and dashes; ends in a letter, so that a token may write `server#1` as `server1` and be read back. */
export const roleName = z
  .string()
  .regex(/^[a-z](?:[a-z0-9-]*[a-z])?$/, 'Expected a role: small letters, digits and dashes, ending in a letter')
  .describe('Name of a role: small letters, digits and dashes, ending in a letter');

export const scenarioName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'Expected a scenario name: small letters, digits and dashes')
  .describe('Name of a scenario: small letters, digits and dashes');

const processName = z
  .string()
  .regex(
    /^[a-z](?:[a-z0-9-]*[a-z])?#[1-9]\d*(?:\.[1-9]\d*)*$/,
    'Expected a process: <role>#<number>, such as server#1, or server#1.1 for its first forked child',
  )
  .describe('A process: server#1, client#2; the first child that client#2 forks is client#2.1');

const signalName = z
  .templateLiteral(['SIG', z.string().regex(/^[A-Z][A-Z0-9]*$/)], 'Expected the name of a signal: SIGTERM, SIGINT …')
  .describe('Name of a signal: SIGTERM, SIGINT, SIGKILL …');

const count = z.int().min(1);

/** Calls that a fault can come to. */
export const FAULT_CALLS = [
  ...(['msgget', 'msgsnd', 'msgrcv', 'msgctl', 'shmget', 'shmat', 'shmctl'] as const),
  ...(['semget', 'semop', 'semctl', 'fork', 'kill'] as const),
  // Only where the scenario has `fileCalls`.
  ...(['open', 'write', 'rename', 'link', 'unlink'] as const),
];

const faultEffect = z
  .union(
    [z.templateLiteral(['E', z.string()]).refine((name) => name in constants.errno), z.literal('RMID')],
    'Expected an errno such as ENOSPC, or RMID',
  )
  .describe('With which errno it fails, without being made; RMID: a stranger removes the queue just before it');

const gate = z
  .strictObject({
    process: processName,
    call: z
      .string()
      .regex(/^[a-z][a-z0-9]*$/)
      .describe('Name of a call: msgget, msgsnd …'),
    times: count.optional().describe('How many such calls; 1 if not said'),
  })
  .describe('Not started before that process has completed such a call successfully, or has exited');

const ends = z
  .strictObject({
    ends: z
      .union([processName, z.array(processName).min(1)])
      .describe('importer#1, or a list; also of one that is killed: what is started then is the restart'),
  })
  .describe('Not started before that process, or all of them, have ended');

const startEntry = z.strictObject({
  role: roleName,
  args: z
    .array(z.string())
    .default([])
    .describe('Arguments; {pid:server#1} is replaced by the pid of a process started earlier'),
  count: count.max(32).default(1).describe('How many processes of this kind'),
  stdin: z.string().default('').describe('What the process can read from its standard input'),
  after: z.union([gate, ends]).optional(),
  optional: z
    .boolean()
    .default(false)
    .describe('Does the scenario make sense without these too? Then a failing run is made simpler by leaving some out'),
});

const message = z.strictObject({
  mtype: count.describe('Type of the message'),
  text: z.string().default('').describe('The message without its type, as UTF-8'),
});

const decoy = z
  .strictObject({
    key: z.int().min(-0x8000_0000).max(0xffff_ffff).describe('Key of the queue'),
    mode: z.int().min(0).max(0o777).default(0o600).describe('Permission bits'),
    messages: z.array(message).default([]),
  })
  .describe("A stranger's queue that is there before the first process starts, and must survive");

/** Defaults are in `DEFAULT_LIMITS`. */
const limits = z
  .strictObject({
    wallMs: count.describe('Time of a run, in ms'),
    cpuMs: count.describe('Processor time of one process, in ms; each of its calls gives it 1 ms more'),
    memoryBytes: count.describe('Data of one process'),
    outputBytes: count.describe('stdout and stderr of one process together'),
    processes: count.describe('Processes alive at the same time'),
    fileBytes: count.describe('Size of a file that a process writes'),
    steps: count.describe('Scheduling steps of a run; a forked process counts for 25'),
  })
  .partial();

const isInsideFolder = (path: string): boolean => path.split('/').every((part) => !['', '.', '..'].includes(part));
const relativePath = z
  .string()
  .refine(isInsideFolder, "Expected a path inside the run's folder: relative, without . and ..");

/** One entry of `scenarios:` in lab.yaml: what is started, and what may come to it. */
export const scenarioSchema = z
  .strictObject({
    title: z.string().min(1).describe('What happens here, for people'),
    files: z
      .record(relativePath, z.string())
      .default({})
      .describe("Placed in the run's folder before it starts: path → content"),
    start: z.array(startEntry).min(1).describe('Processes, in the order in which they are started'),
    stop: z
      .array(z.strictObject({ process: processName, signal: signalName }))
      .default([])
      .describe('Sent one at a time when nothing else can move: how a server that runs for ever is told to stop'),
    signals: z
      .array(
        z.strictObject({
          process: processName,
          signal: signalName,
          group: z
            .literal(true)
            .optional()
            .describe('To all processes at that moment, as Ctrl-C in a terminal; `process` says when'),
          also: z
            .array(processName)
            .min(1)
            .optional()
            .describe('To these, too, at that moment, wherever they are: two that die at once are one SIGCHLD'),
        }),
      )
      .default([])
      .describe(
        'One of these lands somewhere in each run, at a call and placement: all places are tried while the runs suffice',
      ),
    signalsPerRun: z.int().min(1).max(2).default(1).describe('With 2, every other run has two signals'),
    faults: z
      .array(
        z.strictObject({
          process: processName,
          call: z.enum(FAULT_CALLS).describe('Which of its calls goes wrong, each in turn'),
          effect: faultEffect,
        }),
      )
      .default([])
      .describe('One of these comes to each run, as the signals do'),
    decoys: z.array(decoy).default([]),
    queueBytes: count.optional().describe('Bytes that a new queue holds (msgmnb); 16384 if not said'),
    burntIds: z.int().min(0).max(100).default(1).describe('Queue ids used up before the run; with 0 the first id is 0'),
    fileCalls: z
      .boolean()
      .default(false)
      .describe(
        "Are calls on files of the run's folder seen, too: each a point where another process may move, or a signal come?",
      ),
    signalCalls: z
      .boolean()
      .default(false)
      .describe(
        'Are changes of the signal mask seen, too, and may a signal that one process sends another come just before the call that the other is at, as well as into it?',
      ),
    pty: z.boolean().default(false).describe('A terminal for stdout and stderr instead of a pipe'),
    limits: limits.default({}),
    schedules: count
      .max(100_000)
      .default(40)
      .describe('Runs of this scenario; the first is the default order, the others are random'),
  })
  .superRefine((scenario, context) => {
    const started = new Set(getProcessNames(scenario.start));
    const check = (name: string, path: (string | number)[]) => {
      if (started.has(name.replace(/\..*$/, ''))) return;
      context.addIssue({
        code: 'custom',
        path,
        input: name,
        message: `Expected a process that is started here (${[...started].join(', ')}), got ${name}`,
      });
    };
    for (const [index, { after }] of scenario.start.entries()) {
      if (after && 'process' in after) check(after.process, ['start', index, 'after', 'process']);
      if (!after || !('ends' in after)) continue;
      const path = ['start', index, 'after', 'ends'];
      if (typeof after.ends === 'string') check(after.ends, path);
      else for (const [place, name] of after.ends.entries()) check(name, [...path, place]);
    }
    for (const [index, { group, also = [] }] of scenario.signals.entries()) {
      for (const [place, name] of also.entries()) check(name, ['signals', index, 'also', place]);
      if (!group || also.length === 0) continue;
      const path = ['signals', index, 'also'];
      context.addIssue({ code: 'custom', path, input: also, message: 'Expected group or also, got both' });
    }
    for (const list of ['stop', 'signals', 'faults'] as const)
      for (const [index, { process }] of scenario[list].entries()) check(process, [list, index, 'process']);
  });

export type Scenario = z.infer<typeof scenarioSchema>;

/** Names of the processes that are started, in order: server#1, client#1, client#2 … */
export function getProcessNames(start: readonly { role: string; count: number }[]): string[] {
  const counts = new Map<string, number>();
  return start.flatMap(({ role, count: number }) =>
    Array.from({ length: number }, () => {
      const next = (counts.get(role) ?? 0) + 1;
      counts.set(role, next);
      return `${role}#${next}`;
    }),
  );
}
