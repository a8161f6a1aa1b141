import { openSummaries, takeSummaries } from './summaries.js';

/** Ends jest's output with the points. Which tests failed, and why, is said by jest's own reporter. */
export default class PointsReporter {
  onRunStart(): void {
    openSummaries();
  }
  onRunComplete(): void {
    // Where jest itself writes.
    for (const summary of takeSummaries()) process.stderr.write(`\n${summary}\n`);
  }
}
