import { type Build, createSchedule, type Engine, runScenario } from '@ipclab/harness';
import { createCheck } from '../explore/check-trace.js';
import type { Lab } from '../lab/load-lab.js';
import { renderSuggestion } from '../lab/suggest.js';
import { createRun } from '../model/run.js';
import { type FreeOutcome, type FreeScenario, renderFree, renderTimeline } from '../report/index.js';
import { createFinding } from '../score/create-result.js';
import { getHints } from '../lab/get-hints.js';
import { openLab } from './open-lab.js';
import { UsageError } from './render-problem.js';
import { hasColor } from './style.js';
import { withEngine } from './with-engine.js';

/**
 * Runs the scenarios of a lab at full speed, many times; prints what came of it, grouped. Answers the exit code: 1 if a rule failed in any
 * run. Nothing is confirmed and no token is given: nobody can have such a run again.
 */
export async function free(
  submission: string,
  { lab: labName, runs = 20, scenario: only }: { lab?: string; runs?: number; scenario?: string[] },
): Promise<number> {
  const lab = openLab(submission, labName);
  const names = Object.keys(lab.scenarios);
  for (const name of only ?? [])
    if (!names.includes(name))
      throw new UsageError(
        `Expected the name of a scenario of lab ${lab.id}, got ${name}${renderSuggestion(name, names)}`,
      );
  return await withEngine(submission, lab, async (engine, build) => {
    let exitCode = 0;
    for (const name of only ?? names) {
      const told = await runFreely(engine, build, lab, name, runs);
      process.stdout.write(renderFree(told, { color: hasColor(process.stdout) }));
      if (told.outcomes.some(({ finding }) => finding)) exitCode = 1;
    }
    return exitCode;
  });
}

async function runFreely(engine: Engine, build: Build, lab: Lab, name: string, runs: number): Promise<FreeScenario> {
  const scenario = lab.scenarios[name]!;
  const unseen = { name, title: scenario.title, runs: 0, outcomes: [] };
  if (scenario.fileCalls) return { ...unseen, unseen: 'calls on files' };
  const check = createCheck(lab, name);
  const schedule = createSchedule({ strategy: { kind: 'free' } });
  const outcomes = new Map<string, FreeOutcome>();
  for (let count = 0; count < runs; count++) {
    const trace = await runScenario(engine, build, name, scenario, schedule);
    if (trace.events.some((event) => event.kind === 'call' && /^(?:shm|sem)/.test(event.name)))
      return { ...unseen, unseen: 'shared memory and semaphores' };
    const [first] = check(trace);
    const key = first ? `${first.line} ${first.finding.code}` : '';
    const known = outcomes.get(key);
    if (known) {
      known.runs++;
      continue;
    }
    const timeline = first ? renderTimeline(createRun(trace, lab.formats), first.finding) : [];
    outcomes.set(key, {
      runs: 1,
      ...(first && {
        title: lab.rules.find(({ id }) => id === first.line)?.title ?? first.line,
        finding: createFinding(first.finding, trace, {
          scenario: name,
          token: '',
          timeline,
          hints: getHints(lab, first.finding.rule),
        }),
      }),
    });
  }
  return { name, title: scenario.title, runs, outcomes: [...outcomes.values()] };
}
