import type { Finding } from '../rules/rule.js';
import type { Run } from '../model/run.js';
import type { TimelineEvent } from '../score/result.js';
import { renderEvent } from './event.js';

const WHOLE = 14; // a run this short is shown whole
const BEFORE = 2;
const AFTER = 1;

/** The events that show a finding with a few around each, or all of a run. */
export function renderTimeline(run: Run, finding: Pick<Finding, 'events'> | 'all'): TimelineEvent[] {
  const { events, processes } = run.trace;
  const shown = new Set(finding === 'all' ? [] : finding.events);
  const wanted = (seq: number): boolean =>
    finding === 'all' || events.length <= WHOLE || finding.events.some((at) => seq >= at - BEFORE && seq <= at + AFTER);
  return events
    .filter(({ seq }) => wanted(seq))
    .map((event) => ({
      seq: event.seq,
      process: processes[event.process]!.name,
      text: renderEvent(run, event),
      shows: shown.has(event.seq),
    }));
}
