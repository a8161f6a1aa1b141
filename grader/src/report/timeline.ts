import type { Finding } from '../rules/rule.js';
import type { Run } from '../model/run.js';
import type { TimelineEvent } from '../score/result.js';
import { renderEvent, renderWait } from './event.js';

const WHOLE = 14; // a run this short is shown whole
const BEFORE = 2;
const AFTER = 1;

/** The events that show a finding with a few around each, or all of a run; and the calls that never returned, after them. */
export function renderTimeline(run: Run, finding: Pick<Finding, 'rule' | 'events'> | 'all'): TimelineEvent[] {
  const { events, processes, end } = run.trace;
  const shown = new Set(finding === 'all' ? [] : finding.events);
  const isWhole = finding === 'all' || events.length <= WHOLE;
  const isWanted = (seq: number): boolean =>
    isWhole || finding.events.some((at) => seq >= at - BEFORE && seq <= at + AFTER);
  const rendered = events
    .filter(({ seq }) => isWanted(seq))
    .map((event) => ({
      seq: event.seq,
      process: processes[event.process]!.name,
      text: renderEvent(run, event),
      shows: shown.has(event.seq),
      ...placeOf(event),
    }));
  const isEnding = finding !== 'all' && finding.rule === 'terminates';
  if (!isWhole && !isEnding) return rendered;
  const waits = end.waits.map((wait, index) => ({
    seq: events.length + index,
    process: processes[wait.process]!.name,
    text: renderWait(run, wait),
    shows: isEnding,
    ...placeOf(wait),
  }));
  return [...rendered, ...waits];
}

const placeOf = (made: object): { place?: string } =>
  'place' in made && typeof made.place === 'string' ? { place: made.place } : {};
