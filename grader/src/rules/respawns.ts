import type { SignalEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getCalls, getName, getStarted, isSignalled, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { hasForked } from './tested.js';
import { takeEvents } from './words.js';

const parameters = z.strictObject({
  role: z.string().describe('Who survives its children, and forks another for each that was killed'),
});

const codes = {
  'not-replaced': 'A process whose children were killed forked fewer new ones than had died',
};
type Code = keyof typeof codes;

/** The scenario's stop comes when nothing else can move: whatever was to be done is done by then. */
const isStop = (event: { kind: string }): event is SignalEvent => {
  const { kind, from, placement } = event as SignalEvent;
  return kind === 'signal' && from === 'scenario' && placement === undefined;
};

function checkParent(run: Run, parent: number): Found<Code>[] {
  const told = run.trace.events.find((event) => isStop(event) && event.process === parent);
  if (!told) return [];
  const deaths = run.trace.events.filter(
    ({ kind, process, seq }) =>
      kind === 'exit' &&
      seq < told.seq &&
      run.trace.processes[process]!.parent === parent &&
      run.trace.processes[process]!.exit?.signal === 'SIGKILL' &&
      isSignalled(run, process, seq),
  );
  const forks = getCalls(run, 'fork', parent).filter(
    ({ seq, error }) => error === undefined && deaths.some((death) => death.seq < seq) && seq < told.seq,
  );
  if (forks.length >= deaths.length) return [];
  const waited = new Set(getCalls(run, 'wait', parent).flatMap(({ seq, target }) => (seq < told.seq ? [target] : [])));
  // Whoever was not even waited for tells most.
  const missed = deaths.find(({ process }) => !waited.has(process)) ?? deaths.at(-1)!;
  const [who, child] = [getName(run, parent), getName(run, missed.process)];
  const count = `${deaths.length} ${deaths.length === 1 ? 'child' : 'children'} killed, ${forks.length} forked after that`;
  return [
    {
      code: 'not-replaced',
      message: waited.has(missed.process)
        ? `${who} waited for its child ${child}, which was killed, and forked none in its place: ${count}.`
        : `${who} never noticed that its child ${child} had been killed: ${count}.`,
      events: takeEvents(missed.seq, forks.at(-1)?.seq, told.seq),
      expected: 'one fork for each child that was killed',
      actual: count,
      processes: [parent, missed.process],
    },
  ];
}

/** Of killed children each gets a successor. */
export const respawns = defineRule<z.infer<typeof parameters>, Code>({
  name: 'respawns',
  summary: 'A process whose children are killed forks another one for each',
  why: 'A standard signal that is pending already is not noted a second time: one SIGCHLD may stand for several children.',
  source: 'signal(7): queueing and delivery semantics for standard signals; Lecture: pending signals',
  tested: {
    by: 'a child that is forked',
    isIn: (run, { role }) => hasForked(run, role),
  },
  codes,
  hints: [
    'Two children may end before their parent looks. How often does its handler run?',
    'A SIGCHLD says that something has happened, not how often; only waitpid tells which children have ended.',
    'After each SIGCHLD call waitpid(-1, WNOHANG) until it answers that there is no more, and fork another child for each one that it names.',
  ],
  example: '{ role: server }',
  parameters,
  check: (run, { role }) => getStarted(run, role).flatMap((parent) => checkParent(run, parent)),
});
