import { showText } from '../model/text.js';
import type { ResultFinding } from '../score/result.js';
import { renderEvents, renderReasons } from './finding.js';
import { createPaint, type RenderOptions } from './palette.js';
import { plural, wrapText } from './text.js';

/** What came of some of the free runs of a scenario. */
export interface FreeOutcome {
  runs: number;
  /** Of the line of the score that failed first, and what its rule says; absent if all rules held. */
  title?: string;
  finding?: ResultFinding;
}

export interface FreeScenario {
  name: string;
  title: string;
  runs: number;
  /** Why it is not judged by such runs: what its programs, or its rules, work with is seen only where processes are held. */
  unseen?: 'calls on files' | 'shared memory and semaphores';
  outcomes: readonly FreeOutcome[];
}

/** A line a scenario with the count of each outcome; then one run of each that failed. */
export function renderFree({ name, title, runs, unseen, outcomes }: FreeScenario, options: RenderOptions): string {
  const paint = createPaint(options);
  const heading = `${paint('bold', name)}: ${showText(title)}`;
  if (unseen)
    return `${heading}\n  ${wrapText(`Not judged at full speed: it is about ${unseen}, and those are seen only where processes are held.`, 2)}\n\n`;
  const passed = outcomes.find(({ finding }) => !finding)?.runs ?? 0;
  const failed = outcomes.filter(({ finding }) => finding);
  const counts = [
    ...(passed > 0 ? [`${passed} pass`] : []),
    ...failed.map(({ runs: count, finding }) => `${count} ${finding!.code}`),
  ].join(' · ');
  const head = `${heading}\n  ${plural(runs, 'run')} at full speed: ${counts}`;
  const shown = failed.map(({ runs: count, title: line, finding }) =>
    [
      paint('red', `  ${wrapText(showText(line!), 2)}`),
      `  ${wrapText(showText(finding!.message), 2)}`,
      '',
      renderEvents(finding!.timeline, paint),
      '',
      renderReasons(finding!, options),
      '',
      `  ${wrapText(`Seen in ${count} of ${plural(runs, 'run')} and not held at any call, so it cannot be shown again. \`ipclab grade\` looks for the same in runs that can.`, 2)}`,
    ].join('\n'),
  );
  return `${[head, ...shown].join('\n\n')}\n\n`;
}
