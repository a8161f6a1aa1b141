import { prepareSubmission } from '../explore/prepare-submission.js';
import { startGrading } from '../explore/start-grading.js';
import type { Lab } from '../lab/load-lab.js';
import { getHeadline } from '../score/headline.js';
import type { Program } from './load-parts.js';

export interface CorrectOutcome {
  name: string;
  /** Gradings that were made, each with a seed of its own. */
  seeds: number;
  /** … in which nothing was found wrong. */
  passed: number;
  runs: number;
  /** Runs in which any rule found something. */
  alarms: number;
  /** Lines of the score that could not be told. */
  inconclusive: number;
  /** Lines of the score that no grading has put to the test: students could not earn them. */
  untested: string[];
  faults: string[];
  /** What was found first; empty if nothing. */
  what: string;
}

export interface CorrectOptions {
  lab: Lab;
  program: Program;
  seeds: number;
  /** At least so many over all seeds and scenarios. */
  runs: number;
  abort?: AbortSignal;
}

/** Grades a correct program once a seed. It must lose nothing, in any run. */
export async function gradeCorrect({ lab, program, seeds, runs, abort }: CorrectOptions): Promise<CorrectOutcome> {
  const sized = sizeScenarios(lab, Math.ceil(runs / seeds));
  const outcome: CorrectOutcome = {
    name: program.name,
    seeds: 0,
    passed: 0,
    runs: 0,
    alarms: 0,
    inconclusive: 0,
    untested: lab.rules.map(({ id }) => id),
    faults: [],
    what: '',
  };
  const prepared = await prepareSubmission(program.folder, lab, 1);
  for (let seed = 1; seed <= seeds; seed++) {
    const result = await startGrading({
      submission: program.folder,
      prepared,
      lab: sized,
      seed,
      engines: 1,
      ...(abort ? { abort } : {}),
      isEnough: () => false,
      onRun: (_, run) => {
        outcome.runs++;
        if (run.observed.length > 0) outcome.alarms++;
      },
    }).result;
    if (result.interrupted) break;
    outcome.seeds++;
    const untested = result.rules.flatMap(({ id, verdict }) => (verdict === 'untested' ? [id] : []));
    outcome.untested = outcome.untested.filter((id) => untested.includes(id));
    // A line may take more runs than one seed has got here; all seeds together must have enough.
    const held = result.rules.filter(({ verdict }) => verdict === 'pass').length + untested.length;
    if (held === result.rules.length && result.faults.length === 0) outcome.passed++;
    outcome.inconclusive += result.rules.filter(({ verdict }) => verdict === 'inconclusive').length;
    outcome.faults.push(...result.faults.map(({ message }) => message));
    const headline = getHeadline(result);
    const [diagnostic] = result.diagnostics.filter(({ severity }) => severity === 'error');
    if (headline && headline.code !== 'untested') outcome.what ||= `${headline.rule}: ${headline.message}`;
    else if (diagnostic) outcome.what ||= `${diagnostic.file}: ${diagnostic.message}`;
  }
  await prepared.close();
  return outcome;
}

/** The lab with other budgets: the runs are shared out as they are in a grading, but where there is one schedule, there is one run to make. */
function sizeScenarios(lab: Lab, runs: number): Lab {
  const several = Object.values(lab.scenarios).filter(({ schedules }) => schedules > 1);
  const total = several.reduce((all, { schedules }) => all + schedules, 0);
  const size = (schedules: number): number => (schedules > 1 ? Math.ceil((runs * schedules) / total) : schedules);
  return {
    ...lab,
    scenarios: Object.fromEntries(
      Object.entries(lab.scenarios).map(([name, scenario]) => [
        name,
        { ...scenario, schedules: size(scenario.schedules) },
      ]),
    ),
  };
}
