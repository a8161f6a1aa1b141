import { parseToken, runScenario, scheduleOfToken } from '@ipclab/harness';
import { createCheck } from '../explore/check-trace.js';
import { createFinding } from '../score/create-result.js';
import { getHints } from '../lab/get-hints.js';
import { openLab } from './open-lab.js';
import { createRun } from '../model/run.js';
import { createDiagram, drawReplay, hasFailed, nameReplay, renderReplay, renderTimeline } from '../report/index.js';
import { UsageError } from './render-problem.js';
import { stepThrough } from './step-through.js';
import { hasColor } from './style.js';
import { renderSuggestion } from '../lab/suggest.js';
import { withEngine } from './with-engine.js';

export interface ReplayFlags {
  lab?: string;
  /** Event by event, by keys; without a terminal all is printed. */
  step?: boolean;
  list?: boolean;
  ascii?: boolean;
}

/**
 * Runs a token's schedule once; prints every event, what the rules say, and whether the line that the token names still fails.
 * Answers the exit code: 1 only if it does, or for a token without a line, if any does.
 */
export async function replay(
  text: string,
  submission: string,
  { lab: labName, step = false, list = false, ascii = false }: ReplayFlags,
): Promise<number> {
  const token = parseToken(text);
  const lab = openLab(submission, labName);
  const scenario = lab.scenarios[token.scenario];
  if (!scenario)
    throw new UsageError(
      `Expected the token to name a scenario of lab ${lab.id}, got ${token.scenario}${renderSuggestion(token.scenario, Object.keys(lab.scenarios))}`,
    );
  const lines = lab.rules.filter(({ scenarios }) => scenarios.includes(token.scenario)).map(({ id }) => id);
  if (token.line !== undefined && !lines.includes(token.line))
    throw new UsageError(
      `Expected the token to end in a line of the score that checks scenario ${token.scenario}, got ${token.line}${renderSuggestion(token.line, lines)}`,
    );
  return await withEngine(submission, lab, async (engine, build) => {
    const color = hasColor(process.stdout);
    const trace = await runScenario(engine, build, token.scenario, scenario, {
      ...scheduleOfToken(token),
      places: true,
    });
    const check = createCheck(lab, token.scenario);
    const run = createRun(trace, lab.formats);
    const findings = check(trace).map(({ line, finding }) => {
      const seen = {
        scenario: token.scenario,
        token: text,
        timeline: renderTimeline(run, finding),
        hints: getHints(lab, finding.rule),
      };
      return { id: line, finding: createFinding(finding, trace, seen) };
    });
    const timeline = renderTimeline(run, 'all');
    const replayed = { lab, token, scenario, trace, timeline, diagram: createDiagram(run, 'all'), findings };
    const options = { color, list, ascii };
    if (step && process.stdin.isTTY && process.stdout.isTTY) {
      const drawn = drawReplay(replayed, { ...options, width: process.stdout.columns });
      const terminal = { input: process.stdin, output: process.stdout };
      await stepThrough({ title: nameReplay(replayed), drawn, timeline }, terminal, options);
    }
    process.stdout.write(renderReplay(replayed, options));
    return hasFailed(replayed) ? 1 : 0;
  });
}
