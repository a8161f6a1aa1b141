import type { CallArgs, CallEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getCalls, getName, getRole, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { hasCalled } from './tested.js';
import { nameMessage, nameQueue, nameSelection, takeEvents } from './words.js';

const kindSchema = z
  .union([
    z.int().describe('Exactly this msgtyp: 0 for any message, 5 for type 5, -2 for the lowest type up to 2'),
    z
      .enum(['own-pid', 'parent-pid', 'child-pid'])
      .describe('A pid as the address: of the process that asks, of the one that forked it, of one that it forked'),
    z
      .strictObject({ upTo: z.int().min(1) })
      .describe('A negative msgtyp down to minus this: the lowest type, up to a limit'),
    z
      .strictObject({ from: z.int().min(1), to: z.int().min(1) })
      .describe('A positive msgtyp in a range, as where each process is given a number'),
    z.strictObject({ except: z.int().min(1) }).describe('MSG_EXCEPT: any type but this'),
  ])
  .describe('One way to ask');
type Kind = z.infer<typeof kindSchema>;

const parameters = z.strictObject({
  role: z.string().describe('Whose receives'),
  processes: z
    .enum(['all', 'started', 'forked'])
    .default('all')
    .describe('Of all processes of the role, of those that the scenario starts, or of those that they fork'),
  queues: z
    .enum(['all', 'own', 'others'])
    .default('all')
    .describe(
      'From which queues: any, those that the process has made itself (where type 0 does no harm), or those that another has made',
    ),
  allowed: z
    .array(kindSchema)
    .min(1)
    .describe('What msgtyp they may give to msgrcv: a type is the only address that a message has'),
  drain: z
    .boolean()
    .default(true)
    .describe('May the one that removes a queue first empty it, with IPC_NOWAIT, whatever the types?'),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'any-type': 'A process asks for a message of any type where it may only take some',
  'too-wide': 'A process asks for all types up to a limit where it may only take fewer',
  'wrong-type': 'A process asks for a type that is not its own',
};
type Code = keyof typeof codes;

/** A receive that took a message, or slept for one. */
interface Ask {
  process: number;
  queue: number | undefined;
  args: CallArgs;
  call?: CallEvent;
}

const isExcept = ({ msgtyp = 0, flags = [] }: CallArgs): boolean => msgtyp > 0 && flags.includes('MSG_EXCEPT');

/** All that asked in earnest. A probe that found nothing took nothing from anybody; with MSG_COPY msgtyp is a place, not a type. */
function getAsks(run: Run): Ask[] {
  const calls = getCalls(run, 'msgrcv')
    .filter((call) => call.error === undefined || (call.waited && call.error !== 'EINVAL'))
    .map((call): Ask => ({ process: call.process, queue: call.queue, args: call.args, call }));
  const waits = run.trace.end.waits
    .filter(({ name, kind }) => name === 'msgrcv' && kind === 'message')
    .map(({ process, queue, args }): Ask => ({ process, queue, args }));
  return [...calls, ...waits].filter(({ args }) => !args.flags?.includes('MSG_COPY'));
}

function isOfKind(run: Run, { process, args }: Ask, kind: Kind): boolean {
  const { processes } = run.trace;
  const msgtyp = args.msgtyp ?? 0;
  if (isExcept(args)) return typeof kind === 'object' && 'except' in kind && kind.except === msgtyp;
  if (typeof kind === 'number') return msgtyp === kind;
  if (kind === 'own-pid') return processes[process]?.pid === msgtyp;
  if (kind === 'parent-pid') return processes[processes[process]?.parent ?? -1]?.pid === msgtyp;
  if (kind === 'child-pid') return processes.some(({ pid, parent }) => parent === process && pid === msgtyp);
  if ('upTo' in kind) return msgtyp < 0 && -msgtyp <= kind.upTo;
  return 'from' in kind && msgtyp >= kind.from && msgtyp <= kind.to;
}

function isConcerned({ trace }: Run, { process, queue }: Ask, { processes, queues }: Parameters): boolean {
  const isForked = trace.processes[process]!.parent !== null;
  if (processes !== 'all' && isForked !== (processes === 'forked')) return false;
  const isOwn = queue !== undefined && trace.queues[queue]?.creator === process;
  return queues === 'all' || isOwn === (queues === 'own');
}

/** Does it empty a queue that it then removes? From then on it neither sleeps for a message nor answers one. */
function isDraining(run: Run, { process, queue, call }: Ask): boolean {
  if (!call || queue === undefined || !call.args.flags?.includes('IPC_NOWAIT')) return false;
  return (
    run.trace.queues[queue]?.remover === process &&
    !getCalls(run, undefined, process).some(
      ({ name, queue: of, args, seq }) =>
        seq > call.seq &&
        of === queue &&
        (name === 'msgsnd' || (name === 'msgrcv' && !args.flags?.includes('IPC_NOWAIT'))),
    )
  );
}

function getCode({ args }: Ask): Code {
  const msgtyp = args.msgtyp ?? 0;
  if (msgtyp === 0 || isExcept(args)) return 'any-type';
  return msgtyp < 0 ? 'too-wide' : 'wrong-type';
}

const nameAsked = (args: CallArgs): string =>
  isExcept(args) ? `any message but those of type ${args.msgtyp}` : nameSelection(args.msgtyp ?? 0);

function nameKind({ trace }: Run, process: number, kind: Kind): string {
  if (typeof kind === 'number') return `msgtyp ${kind}`;
  if (kind === 'own-pid') return `its own pid, ${trace.processes[process]!.pid}`;
  if (kind === 'parent-pid') return 'the pid of the process that forked it';
  if (kind === 'child-pid') return 'the pid of a child';
  if ('upTo' in kind) return kind.upTo === 1 ? 'msgtyp -1' : `msgtyp -1 to -${kind.upTo}`;
  return 'from' in kind ? `msgtyp ${kind.from} to ${kind.to}` : `any type but ${kind.except} (MSG_EXCEPT)`;
}

/** Which types a role asks for: each takes only what is for it. */
export const asksForType = defineRule<Parameters, Code>({
  name: 'asks-for-type',
  summary: 'A role asks msgrcv only for the types that are its own',
  why: 'A queue gives a message to whoever asks for its type first; a type is the only address that a message has.',
  source: 'msgrcv(2), Lecture 6: type == 0, type > 0, type < 0',
  tested: {
    by: 'a receive',
    isIn: (run, { role }) => hasCalled(run, [role], ['msgrcv']),
  },
  codes,
  reasons: {
    'any-type': {
      why: 'With type 0 a receive takes the oldest message, whoever it is for; then nobody else can have it.',
      source: 'msgrcv(2), Lecture 6: type == 0',
    },
    'too-wide': {
      why: 'A negative type does not mean exactly that type: it takes the message of the lowest type up to its absolute value, whoever it is for.',
      source: 'msgrcv(2), Lecture 6: type < 0',
    },
  },
  hints: [
    'Which messages can this msgrcv take, of all that may lie in the queue at that moment?',
    'Look at the fourth argument of msgrcv, msgtyp: 0, a positive and a negative number choose in three different ways.',
    'Give msgrcv the one type under which the others address this process, and have them send with that type.',
  ],
  example: '{ role: server, allowed: [{ upTo: 2 }] }',
  parameters,
  check(run, wanted) {
    const told = new Set<number>();
    return getAsks(run).flatMap((ask): Found<Code>[] => {
      const { process, queue, args, call } = ask;
      if (getRole(run, process) !== wanted.role || told.has(process) || !isConcerned(run, ask, wanted)) return [];
      if (wanted.allowed.some((kind) => isOfKind(run, ask, kind)) || isExcused(run, wanted.signalled, [process]))
        return [];
      if (wanted.drain && isDraining(run, ask)) return [];
      // What a process does once it does again: its first time tells all.
      told.add(process);
      const who = getName(run, process);
      const where = queue === undefined || queue < 0 ? 'a queue' : nameQueue(queue);
      const message = call?.error === undefined && call?.message !== undefined ? run.messages[call.message] : undefined;
      const outcome = message ? ` and took the ${nameMessage(message)}` : call ? '' : ' and waits for it';
      return [
        {
          code: getCode(ask),
          message: `${who} asked ${where} for ${nameAsked(args)}${outcome}.`,
          events: takeEvents(message?.sentAt, call?.seq),
          expected: `asks for ${wanted.allowed.map((kind) => nameKind(run, process, kind)).join(', or ')}`,
          actual: isExcept(args) ? `msgtyp ${args.msgtyp} with MSG_EXCEPT` : `msgtyp ${args.msgtyp ?? 0}`,
          processes: [process],
        },
      ];
    });
  },
});
