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
  /** 0: it cannot be run so, because calls on files are seen only where processes are held. */
  runs: number;
  outcomes: readonly FreeOutcome[];
}

/** A line a scenario with the count of each outcome; then one run of each that failed. */
export function renderFree({ name, title, runs, outcomes }: FreeScenario, options: RenderOptions): string {
  const paint = createPaint(options);
  const heading = `${paint('bold', name)}: ${showText(title)}`;
  if (runs === 0)
    return `${heading}\n  ${wrapText('Not run at full speed: its rules look at calls on files, which are seen only where processes are held.', 2)}\n\n`;
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
