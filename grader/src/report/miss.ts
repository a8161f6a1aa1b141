import type { Token } from '@ipclab/harness';
import type { CallFault, Deviation, DeviationMiss, Injection, InjectionOutcome, Wait } from '@ipclab/native/supervisor';
import type { Run } from '../model/run.js';
import { PLACES } from '../rules/words.js';
import { renderCall } from './event.js';
import { plural } from './text.js';

/** Part of a schedule that did not come about in a run. */
export interface Miss {
  /** Of a deviation: its number in the token, from 1. */
  step?: number;
  /** What was expected, and what was in its way; without a full stop. */
  text: string;
}

/** What a token asked for and the run did not do, in the token's order. */
export function listMisses(run: Run, token: Pick<Token, 'deviations' | 'injections' | 'faults'>): Miss[] {
  const { misses, injections, faults } = run.trace;
  return [
    ...misses.map((miss) => ({
      step: miss.deviation + 1,
      text: describeDeviation(run, token.deviations[miss.deviation]!, miss),
    })),
    ...token.injections.flatMap((injection, index) =>
      describeOutcome(run, injection, injections[index], nameInjection(injection)),
    ),
    ...token.faults.flatMap((fault, index) => describeOutcome(run, fault, faults[index], nameFault(fault))),
  ];
}

function describeDeviation(run: Run, { at, call, to }: Deviation, { reason, seq }: DeviationMiss): string {
  const isSignal = to !== getProcess(to) && to.endsWith('+signal');
  const what = isSignal ? `a signal to reach ${getProcess(to)} just before its call` : `${to} to move`;
  const expected = `expected ${what} ${at === '' ? 'first' : `after ${at}'s ${nameOrdinal(call)} turn`}`;
  if (reason === 'not-able') {
    if (isSignal) return `${expected}; none was due that its call waited for`;
    const why = explainUnable(run, to, seq ?? 0);
    return `${expected}; it could not${why === undefined ? '' : `, because it ${why}`}`;
  }
  const turns = listEvents(run, at).filter(({ kind }) => kind === 'start' || kind === 'call').length;
  if (at === '' || turns >= call) return `${expected}; there was nothing to choose there`;
  return `${expected}; ${explainEnd(run, at, plural(turns, 'turn'))}`;
}

/** Why a process, or a thread of it, could not move when so many events had been. */
function explainUnable(run: Run, name: string, seq: number): string | undefined {
  const events = listEvents(run, name);
  if (events.length === 0) return 'was not started';
  if (events[0]!.seq >= seq) return 'had not been started';
  if (events.some((event) => event.kind === 'exit' && event.seq < seq)) return 'had ended';
  const next = events.find((event) => event.seq >= seq && event.kind === 'call');
  if (next?.kind === 'call')
    return next.waited && next.arrived < seq ? `waited in ${renderCall(run, next)} until event ${next.seq}` : undefined;
  const wait = getWait(run, name);
  return wait && describeWait(run, wait);
}

/** Why a process did not come further than that. */
function explainEnd(run: Run, name: string, reached: string): string {
  const record = run.trace.processes.find((process) => process.name === getProcess(name));
  if (!record) return `${name} was not started`;
  if (record.exit) return `${name} ended after ${reached} instead`;
  const wait = getWait(run, name);
  return wait ? `${name} ${describeWait(run, wait)} after ${reached} instead` : `the run ended after ${reached} of it`;
}

const STATUSES = { 'not-blocked': 'it did not have to wait there', 'process-gone': 'it had ended' } as const;

function describeOutcome(
  run: Run,
  { process }: Injection | CallFault,
  outcome: InjectionOutcome | undefined,
  expected: string,
): Miss[] {
  const status = outcome?.status ?? 'not-reached';
  if (status === 'landed') return [];
  const calls = run.trace.processes.find(({ name }) => name === process)?.calls ?? 0;
  const why = status === 'not-reached' ? explainEnd(run, process, plural(calls, 'call')) : STATUSES[status];
  return [{ text: `${expected}; ${why}` }];
}

const nameInjection = ({ signal, process, call, placement, group, also }: Injection): string =>
  group || also
    ? `expected ${signal} to reach ${group ? 'all processes' : also!.join(' and ')} with ${process} ${PLACES[placement]} its call ${call}`
    : `expected ${signal} to reach ${process} ${PLACES[placement]} its call ${call}`;

const nameFault = ({ process, call, effect }: CallFault): string =>
  effect === 'RMID'
    ? `expected the queue of ${process}'s call ${call} to be removed by a stranger just before it`
    : `expected call ${call} of ${process} to fail with ${effect}`;

/** `client#1+2` is a thread of client#1, `client#1+signal` one that comes to it. */
const getProcess = (name: string): string => name.replace(/\+(?:\d+|signal)$/, '');

function listEvents({ trace }: Run, name: string) {
  const process = trace.processes.findIndex((each) => each.name === getProcess(name));
  const thread = Number(/\+(\d+)$/.exec(name)?.[1] ?? 0);
  return trace.events.filter(
    (event) => event.process === process && (event.kind !== 'call' || (event.thread ?? 0) === thread),
  );
}

const getWait = ({ trace }: Run, name: string): Wait | undefined =>
  trace.end.waits.find(({ process }) => trace.processes[process]?.name === getProcess(name));

function describeWait(run: Run, { kind, name, args, queue }: Wait): string {
  if (kind === 'event-loop') return 'waited in its event loop';
  if (kind === 'stopped') return 'was stopped';
  if (name === 'unknown') return 'waited in a call that is not watched';
  return `waited in ${renderCall(run, { name, args, ...(queue === undefined ? {} : { queue }) })}`;
}

function nameOrdinal(count: number): string {
  const isTeen = count % 100 > 10 && count % 100 < 14;
  return `${count}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th')}`;
}
