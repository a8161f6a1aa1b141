import type { ConfirmedFailure, Exploration, Explanation, OutcomeGroup } from '../explore/exploration.js';
import type { Finding } from '../rules/rule.js';
import type { Trace } from '@ipclab/native/supervisor';
import type { Diagram } from './diagram.js';
import { describeSwap } from './describe-swap.js';
import { findFailure } from './find-failure.js';
import {
  type Doubt,
  type Fingerprint,
  type Outcome,
  type Result,
  RESULT_VERSION,
  type ResultDiagnostic,
  type ResultFault,
  type ResultFinding,
  type RuleResult,
  type ScenarioResult,
  type TimelineEvent,
  type Verdict,
} from './result.js';

/** What a result is made of. */
export interface Graded {
  /** The folder, as the user named it. */
  submission: string;
  lab: {
    id: string;
    title: string;
    certified: boolean;
    rules: readonly { id: string; rule: string; title: string; points: number; scenarios: readonly string[] }[];
    scenarios: Readonly<Record<string, { title: string }>>;
  };
  seed: number;
  fingerprint: Fingerprint;
  diagnostics: readonly ResultDiagnostic[];
  /** Of the scenarios that were run, in any order. */
  explorations: readonly Exploration<Finding>[];
  /** Lines of the score whose rule could not tell: why. */
  brokenLines: ReadonlyMap<string, ResultFault>;
  /** Faults outside of any scenario. */
  faults: readonly ResultFault[];
  interrupted: boolean;
  /** What is known of a failure besides its finding; that of `findFailure` is asked for. */
  getExplanation: (failure: ConfirmedFailure<Finding>) => Explanation<Finding>;
  renderTimeline: (trace: Trace, finding: Finding, scenario: string) => TimelineEvent[];
  createDiagram: (trace: Trace, finding: Finding) => Diagram | undefined;
  /** Those that the lab tells of a rule. */
  getHints: (rule: string) => string[];
  /** What it takes to put a rule to the test. */
  getTestedBy: (rule: string) => string;
}

/** The result of what was found out. Pure. */
export function createResult(graded: Graded): Result {
  const { submission, lab, seed, fingerprint, diagnostics } = graded;
  const explorations = Object.keys(lab.scenarios).flatMap((name) =>
    graded.explorations.filter(({ scenario }) => scenario === name),
  );
  const broken = lab.rules.flatMap(({ id }) => graded.brokenLines.get(id) ?? []);
  const faults = [...graded.faults, ...broken, ...explorations.flatMap(createFault)];
  const isBroken = diagnostics.some(({ severity }) => severity === 'error');
  const rules = lab.rules.map((line): RuleResult => {
    const { id, rule, title, points } = line;
    const judged: Judged = isBroken
      ? { verdict: 'not-run' }
      : graded.brokenLines.has(id)
        ? { verdict: 'error' }
        : judgeLine(line, explorations, graded.faults.length > 0, graded);
    return { id, rule, title, points: judged.verdict === 'pass' ? points : 0, maxPoints: points, ...judged };
  });
  const sum = (which: (rule: RuleResult) => boolean, field: 'points' | 'maxPoints'): number =>
    rules.filter(which).reduce((total, rule) => total + rule[field], 0);
  return {
    version: RESULT_VERSION,
    submission,
    lab: { id: lab.id, title: lab.title, certified: lab.certified },
    seed,
    fingerprint,
    verdict: judgeAll(rules, faults.length > 0),
    points: sum(() => true, 'points'),
    maxPoints: sum(() => true, 'maxPoints'),
    undecidedPoints: sum(({ verdict }) => verdict === 'inconclusive' || verdict === 'error', 'maxPoints'),
    rules,
    scenarios: explorations.map((exploration) => createScenarioResult(exploration, lab)),
    diagnostics: [...diagnostics],
    faults,
    interrupted: graded.interrupted || explorations.some(({ interrupted }) => interrupted),
  };
}

type Judged = Pick<RuleResult, 'verdict' | 'finding' | 'doubt' | 'takes'>;

/** A failure that came again is certain, whatever else went wrong; a pass is certain only if nothing did. */
function judgeLine(
  line: Graded['lab']['rules'][number],
  explorations: readonly Exploration<Finding>[],
  hasFault: boolean,
  {
    getExplanation,
    renderTimeline,
    createDiagram,
    getHints,
    getTestedBy,
  }: Pick<Graded, 'getExplanation' | 'renderTimeline' | 'createDiagram' | 'getHints' | 'getTestedBy'>,
): Judged {
  const mine = explorations.filter(({ scenario }) => line.scenarios.includes(scenario));
  const failure = findFailure(line, mine);
  if (failure) {
    const { finding, token, scenario } = failure;
    const { run, swap } = getExplanation(failure);
    const timeline = renderTimeline(run.trace, finding, scenario);
    const diagram = createDiagram(run.trace, finding);
    const seen = {
      scenario,
      token,
      timeline,
      hints: getHints(finding.rule),
      ...(diagram ? { diagram } : {}),
      ...(swap ? { swap: { message: describeSwap(swap), seq: swap.seq } } : {}),
    };
    return { verdict: 'fail', finding: createFinding(finding, run.trace, seen) };
  }
  const doubt = mine.flatMap(({ scenario, doubts }) =>
    doubts
      .filter((one) => one.line === line.id)
      .map(({ reason, token, differs }): Doubt => ({ reason, scenario, token, ...(differs ? { differs } : {}) })),
  )[0];
  if (doubt) return { verdict: 'inconclusive', doubt };
  if (hasFault || mine.some(({ fault }) => fault)) return { verdict: 'error' };
  const short = mine.find(({ interrupted }) => interrupted);
  if (short) return createShort(short, 'The grading was interrupted');
  const missing = line.scenarios.find((name) => !mine.some(({ scenario }) => scenario === name));
  if (missing !== undefined)
    return {
      verdict: 'inconclusive',
      doubt: { reason: `Scenario ${missing} was not run.`, scenario: missing, token: missing },
    };
  const isTested = mine.some(({ tested }) => tested.includes(line.id));
  const late = mine.find(({ outOfTime }) => outOfTime);
  if (!isTested && late) return createShort(late, 'The time was over');
  if (!isTested) return { verdict: 'untested', takes: getTestedBy(line.rule) };
  return { verdict: 'pass' };
}

const createShort = ({ runs, budget, scenario }: Exploration<Finding>, why: string): Judged => ({
  verdict: 'inconclusive',
  doubt: { reason: `${why} after ${runs} of ${budget} runs.`, scenario, token: scenario },
});

function judgeAll(rules: readonly RuleResult[], hasFault: boolean): Verdict {
  const has = (verdict: RuleResult['verdict']): boolean => rules.some((rule) => rule.verdict === verdict);
  // What is certain comes first: a submission that fails a rule does not pass, whatever else is unknown.
  if (has('fail') || has('not-run')) return 'fail';
  if (hasFault || has('error')) return 'error';
  if (has('inconclusive')) return 'inconclusive';
  return has('untested') ? 'fail' : 'pass';
}

/** A rule's finding as the result holds it: names in place of numbers, and how to see it again. */
export function createFinding(
  finding: Finding,
  trace: Trace,
  seen: Pick<ResultFinding, 'scenario' | 'token' | 'timeline' | 'hints' | 'diagram' | 'swap'>,
): ResultFinding {
  const { rule, code, message, expected, actual, why, source, processes } = finding;
  const names = processes.map((process) => trace.processes[process]?.name ?? `process ${process}`);
  const place = seen.timeline.findLast(({ shows, place: at }) => shows && at !== undefined)?.place;
  return {
    rule,
    code,
    message,
    expected,
    actual,
    why,
    source,
    processes: names,
    ...(place === undefined ? {} : { place }),
    ...seen,
  };
}

function createFault({ scenario, fault }: Exploration<Finding>): ResultFault[] {
  if (!fault) return [];
  const { error, token } = fault;
  return [{ code: 'code' in error ? String(error.code) : 'bug', message: error.message, scenario, token }];
}

function createScenarioResult(exploration: Exploration<Finding>, lab: Graded['lab']): ScenarioResult {
  const { scenario, runs, budget, groups, placements, explored, outOfTime = false } = exploration;
  return {
    name: scenario,
    title: lab.scenarios[scenario]?.title ?? scenario,
    runs,
    budget,
    outcomes: groups.map(createOutcome),
    ...(placements ? { placements } : {}),
    ...(explored ? { explored } : {}),
    outOfTime,
  };
}

function createOutcome({ runs, simplest, reproduced }: OutcomeGroup<Finding>): Outcome {
  const [first] = simplest.observed;
  return {
    what: first?.finding.code.replaceAll('-', ' ') ?? 'pass',
    verdict: first === undefined ? 'pass' : reproduced === false ? 'inconclusive' : 'fail',
    runs,
    token: simplest.token,
  };
}
