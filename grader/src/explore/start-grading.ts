import { availableParallelism } from 'node:os';
import { type Build, runScenario } from '@ipclab/harness';
import pLimit from 'p-limit';
import { findRule } from '../lab/find-rule.js';
import { getHints } from '../lab/get-hints.js';
import type { Lab } from '../lab/load-lab.js';
import { selectScenarios } from '../lab/select-scenarios.js';
import { createRun } from '../model/run.js';
import type { Finding } from '../rules/rule.js';
import { ANY_CALL } from '../rules/tested.js';
import { createResult } from '../score/create-result.js';
import { findFailure } from '../score/find-failure.js';
import type { Result, ResultFault } from '../score/result.js';
import { createDiagram, renderTimeline } from '../report/index.js';
import { createCheck, createTestedCheck } from './check-trace.js';
import {
  type ConfirmedFailure,
  createExploration,
  type Exploration,
  type ExploredRun,
  type Explanation,
} from './exploration.js';
import { exploreScenario, type ExploreOptions } from './explore-scenario.js';
import { createFingerprint } from './fingerprint.js';
import { isBuilt, type PreparedSubmission, prepareSubmission } from './prepare-submission.js';

export const DEFAULT_SEED = 1;

export interface GradeOptions {
  /** Folder of the submission. */
  submission: string;
  lab: Lab;
  /** Default 1. */
  seed?: number;
  /** At work at the same time; default: one a processor. The result does not depend on it. */
  engines?: number;
  /** After so long no further runs are begun; what was found by then is judged. Default: as many runs as the lab says. */
  seconds?: number;
  abort?: AbortSignal;
  isEnough?: ExploreOptions<Finding>['isEnough'];
  /** Are failures made simpler, and is it looked for what they turn on? Default true. */
  explains?: ExploreOptions<Finding>['explains'];
  /** Is it asked for what each scenario gives (`resultOf`)? Then the failures of each are explained, not only those of the whole result. */
  tellsEach?: boolean;
  /** Names of those to run. Default: all of the lab's. */
  scenarios?: readonly string[];
  /** The submission, if it has been built already; then it is left as it is for others. */
  prepared?: PreparedSubmission;
  onRun?: (scenario: string, run: ExploredRun<Finding>) => void;
}

/** A grading under way. None of the promises rejects for what a submission does, nor for a fault. */
export interface Grading {
  build: Promise<Build | undefined>;
  /** What one scenario gives, as soon as it is over: a result with the rules that check it, judged by it alone. Takes `tellsEach`. */
  resultOf(scenario: string): Promise<Result>;
  result: Promise<Result>;
}

/** Builds a submission and explores the lab's scenarios, as many at a time as there are engines. */
export function startGrading(options: GradeOptions): Grading {
  const { submission, lab, seed = DEFAULT_SEED, abort, onRun } = options;
  const names = Object.keys(lab.scenarios).filter((name) => options.scenarios?.includes(name) ?? true);
  const size = Math.max(1, Math.min(names.length, options.engines ?? availableParallelism()));
  const due = options.seconds === undefined ? Infinity : performance.now() + options.seconds * 1000;
  // Lines whose rule could not tell, once or always: nothing is said of them.
  const broken = new Map<string, ResultFault>();
  const preparing = options.prepared ? Promise.resolve(options.prepared) : prepareSubmission(submission, lab, size);
  const stop = (): void => void preparing.then(({ engines }) => engines?.close());
  abort?.addEventListener('abort', stop, { once: true });

  const explore = async (name: string): Promise<Exploration<Finding>> => {
    const { engines, build } = await preparing;
    const scenario = lab.scenarios[name]!;
    const unexplored = createExploration<Finding>(name, scenario.schedules);
    if (!engines || !build) return { ...unexplored, interrupted: abort?.aborted ?? false };
    try {
      return await exploreScenario({
        lab: lab.id,
        name,
        scenario,
        seed,
        lines: lab.rules.filter(({ scenarios }) => scenarios.includes(name)).map(({ id }) => id),
        runOnce: async (schedule) =>
          engines.use(async (engine) => runScenario(engine, build, name, scenario, schedule)),
        check: createCheck(lab, name, (line, { code, message }) => {
          if (!broken.has(line)) broken.set(line, { code, message, scenario: name });
        }),
        listTested: createTestedCheck(lab, name),
        isTimeUp: () => performance.now() > due,
        ...(options.isEnough ? { isEnough: options.isEnough } : {}),
        ...(options.explains === undefined ? {} : { explains: options.explains }),
        ...(onRun ? { onRun: (run: ExploredRun<Finding>) => onRun(name, run) } : {}),
        ...(abort ? { abort } : {}),
      });
    } catch (error) {
      // The engine did not start.
      const fault = abort?.aborted ? {} : { fault: { error: error as Error, token: name } };
      return { ...unexplored, ...fault, interrupted: abort?.aborted ?? false };
    }
  };
  // As many at a time as there are engines, in the lab's order: while one waits for the last runs of a round, another has some.
  const limit = pLimit(size);
  const exploreAndTell = async (name: string): Promise<Exploration<Finding>> => {
    const exploration = await explore(name);
    // As long as there are engines: when the whole result is there, they are closed.
    if (options.tellsEach) await explainFailures(selectScenarios(lab, [name]), [exploration]);
    return exploration;
  };
  const explorations = Object.fromEntries(names.map((name) => [name, limit(exploreAndTell, name)]));

  const assess = async (judged: Lab, explored: Exploration<Finding>[]): Promise<Result> => {
    const { build, fault } = await preparing;
    const explanations = await explainFailures(judged, explored);
    return createResult({
      submission,
      lab: judged,
      seed,
      fingerprint: createFingerprint(lab, seed),
      diagnostics: build?.diagnostics ?? [],
      explorations: build && isBuilt(build) ? explored : [],
      brokenLines: broken,
      faults: fault ? [fault] : [],
      interrupted: abort?.aborted ?? false,
      getExplanation: ({ explain, run }) => (explain && explanations.get(explain)) ?? { run },
      renderTimeline: (trace, finding) => renderTimeline(createRun(trace, lab.formats), finding),
      createDiagram: (trace, finding) => createDiagram(createRun(trace, lab.formats), finding),
      getHints: (rule) => getHints(lab, rule),
      getTestedBy: (rule) => (findRule(lab, rule)?.tested ?? ANY_CALL).by,
    });
  };
  /** Of the failures that a result tells, and no others: it takes runs. */
  const explainFailures = async (judged: Lab, explored: Exploration<Finding>[]) => {
    const explanations = new Map<NonNullable<ConfirmedFailure<Finding>['explain']>, Explanation<Finding>>();
    await Promise.all(
      judged.rules.map(async (line) => {
        const failure = findFailure(line, explored);
        if (!failure?.explain) return;
        try {
          explanations.set(failure.explain, await failure.explain());
        } catch (error) {
          const exploration = explored.find(({ scenario }) => scenario === failure.scenario)!;
          exploration.fault ??= { error: error as Error, token: failure.token };
        }
      }),
    );
    return explanations;
  };
  const finish = async (): Promise<Result> => {
    const explored = await Promise.all(Object.values(explorations));
    const result = await assess(lab, explored);
    abort?.removeEventListener('abort', stop);
    if (!options.prepared) await (await preparing).close();
    return result;
  };
  return {
    build: preparing.then(({ build }) => build),
    resultOf: async (name) => assess(selectScenarios(lab, [name]), [await explorations[name]!]),
    result: finish(),
  };
}
