import { startGrading } from '../explore/start-grading.js';
import { selectScenarios } from '../lab/select-scenarios.js';
import type { Lab } from '../lab/load-lab.js';
import type { Verdict } from '../score/result.js';
import { getInterrupt } from './interrupt.js';
import { openLab } from './open-lab.js';
import { createProgress } from './progress.js';
import { renderReport } from '../report/index.js';
import { UsageError } from './render-problem.js';
import { hasColor } from './style.js';

export interface GradeFlags {
  lab?: string;
  seed?: number;
  seconds?: number;
  scenario?: string[];
  json?: boolean;
  ascii?: boolean;
}

const EXIT_CODES: Record<Verdict, number> = { pass: 0, fail: 1, inconclusive: 2, error: 2 };

/** Grades a submission and prints the report; answers the exit code. */
export async function grade(
  submission: string,
  { lab: labName, seed, seconds, scenario, json = false, ascii = false }: GradeFlags,
): Promise<number> {
  const interrupt = getInterrupt();
  const whole = openLab(submission, labName);
  const lab = scenario ? select(whole, scenario) : whole;
  const progress = createProgress(process.stderr, lab.scenarios);
  const result = await startGrading({
    submission,
    lab,
    ...(seed === undefined ? {} : { seed }),
    ...(seconds === undefined ? {} : { seconds }),
    abort: interrupt.signal,
    onRun: progress.step,
  }).result;
  progress.clear();
  process.stdout.write(
    json ? `${JSON.stringify(result, null, 2)}\n` : renderReport(result, { color: hasColor(process.stdout), ascii }),
  );
  return interrupt.getExitCode() ?? EXIT_CODES[result.verdict];
}

function select(lab: Lab, scenarios: readonly string[]): Lab {
  try {
    return selectScenarios(lab, scenarios);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}
