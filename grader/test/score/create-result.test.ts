import { createSchedule } from '@ipclab/harness';
import type { Exploration, ExploredRun } from '../../src/explore/exploration.js';
import type { Finding } from '../../src/rules/rule.js';
import { createResult, type Graded } from '../../src/score/create-result.js';
import { getHeadline } from '../../src/score/headline.js';
import { resultSchema } from '../../src/score/result.js';
import { createTrace } from '../explore/fake-trace.js';

const FINDING: Finding = {
  rule: 'queues-removed',
  code: 'left-behind',
  message: 'Nobody removed the queue',
  events: [1],
  expected: 'server#1 removes it',
  actual: 'it is there',
  why: 'It stays until the machine starts again.',
  source: 'msgget(2)',
  processes: [0],
};
const deviation = { at: '', call: 0, to: 'server#1' };

function createRun(deviations: number, observed: ExploredRun<Finding>['observed']): ExploredRun<Finding> {
  const schedule = createSchedule({ deviations: Array.from({ length: deviations }, () => deviation) });
  return {
    index: deviations,
    schedule,
    token: `t${deviations}`,
    trace: createTrace({ 'server#1': ['msgget'] }, schedule),
    observed,
  };
}
const failing = (line: string, deviations: number): Pick<Exploration<Finding>, 'failures'> => ({
  failures: [
    {
      line,
      finding: FINDING,
      token: `t${deviations}~${line}`,
      run: createRun(deviations, [{ line, finding: FINDING }]),
    },
  ],
});
const explored = (scenario: string, change: Partial<Exploration<Finding>> = {}): Exploration<Finding> => ({
  scenario,
  runs: 40,
  budget: 40,
  groups: [],
  tested: ['removed', 'ends'],
  failures: [],
  doubts: [],
  interrupted: false,
  ...change,
});
const diagram = {
  lanes: [{ name: 'server#1', start: 0, end: null }],
  queues: ['A'],
  rows: [
    {
      seq: 1,
      lane: 0,
      kind: 'call' as const,
      text: 'msgget = queue A',
      shows: true,
      contents: { queue: 'A', types: [], count: 0, removed: false },
    },
  ],
  arrows: [{ kind: 'message' as const, from: null, to: 1 }],
  waits: [{ lane: 0, from: 1, to: null }],
  here: 1,
};
const grade = (change: Partial<Graded>) => {
  const result = createResult({
    submission: 'ann',
    lab: {
      id: '99-sample',
      title: 'Sample',
      certified: true,
      rules: [
        { id: 'removed', rule: 'queues-removed', title: 'Removed', points: 3, scenarios: ['order', 'signals'] },
        { id: 'ends', rule: 'terminates', title: 'Ends', points: 2, scenarios: ['order'] },
      ],
      scenarios: { order: { title: 'Every order' }, signals: { title: 'A signal' } },
    },
    seed: 1,
    fingerprint: { id: 'f', lab: 'l', seed: 1, tool: '0.1.0', node: '20', kernel: '6.1' },
    diagnostics: [],
    explorations: [explored('order'), explored('signals')],
    brokenLines: new Map(),
    faults: [],
    interrupted: false,
    getExplanation: ({ run }) => ({ run }),
    renderTimeline: () => [{ seq: 1, process: 'server#1', text: 'msgget', shows: true }],
    createDiagram: () => diagram,
    getHints: (rule) => [`A question about ${rule}?`],
    getTestedBy: (rule) => `something about ${rule}`,
    ...change,
  });
  // Whatever it says, it has the shape that outlets read.
  expect(resultSchema.parse(result)).toEqual(result);
  return result;
};
const summary = (change: Partial<Graded>) => {
  const { verdict, points, undecidedPoints, rules } = grade(change);
  return [verdict, points, undecidedPoints, rules.map((rule) => rule.verdict)];
};

describe('the result', () => {
  test('is a pass with all points if nothing was found', () => {
    expect(summary({})).toEqual(['pass', 5, 0, ['pass', 'pass']]);
  });

  test('gives nothing for what no run has put to the test', () => {
    const explorations = [explored('order', { tested: [] }), explored('signals', { tested: ['removed'] })];
    const result = grade({ explorations });
    expect(summary({ explorations })).toEqual(['fail', 3, 0, ['pass', 'untested']]);
    expect(result.rules.map(({ takes }) => takes)).toEqual([undefined, 'something about terminates']);
    expect(getHeadline(result)).toEqual({
      rule: 'terminates',
      code: 'untested',
      message: 'Nothing put it to the test: Ends.',
    });
    const late = [explored('order', { tested: [], runs: 3, outOfTime: true }), explored('signals')];
    expect(summary({ explorations: late })).toEqual(['inconclusive', 3, 2, ['pass', 'inconclusive']]);
    expect(grade({ explorations: late }).rules[1]!.doubt?.reason).toBe('The time was over after 3 of 40 runs.');
  });

  test('takes the points of a rule that failed in any of its scenarios, and shows the simplest run', () => {
    const explorations = [explored('order', failing('removed', 4)), explored('signals', failing('removed', 1))];
    const result = grade({ explorations });
    expect([result.verdict, result.points, result.maxPoints, result.undecidedPoints]).toEqual(['fail', 2, 5, 0]);
    expect(result.rules[0]).toEqual({
      id: 'removed',
      rule: 'queues-removed',
      title: 'Removed',
      points: 0,
      maxPoints: 3,
      verdict: 'fail',
      finding: {
        rule: 'queues-removed',
        code: 'left-behind',
        message: 'Nobody removed the queue',
        expected: 'server#1 removes it',
        actual: 'it is there',
        why: 'It stays until the machine starts again.',
        source: 'msgget(2)',
        hints: ['A question about queues-removed?'],
        processes: ['server#1'],
        scenario: 'signals',
        token: 't1~removed',
        timeline: [{ seq: 1, process: 'server#1', text: 'msgget', shows: true }],
        diagram,
      },
    });
  });

  test('has the place of the last call that shows the finding, if it is known', () => {
    const events = [
      { seq: 1, process: 'server#1', text: 'msgget', shows: true, place: 'src/server.ts:3:9' },
      { seq: 2, process: 'server#1', text: 'msgsnd', shows: true, place: 'src/server.ts:7:3' },
      { seq: 3, process: 'server#1', text: 'exits', shows: true },
      { seq: 4, process: 'client#1', text: 'msgget', shows: false, place: 'src/client.ts:1:1' },
    ];
    const explorations = [explored('order', failing('removed', 1)), explored('signals')];
    const result = grade({ explorations, renderTimeline: () => events });
    expect(result.rules[0]!.finding!.place).toBe('src/server.ts:7:3');
  });

  test('says on which choice a failure turns', () => {
    const [failure] = failing('removed', 1).failures;
    const swap = {
      seq: 1,
      first: { process: 'server#1', move: 'msgctl' as const },
      second: { process: 'client#1', move: 'msgsnd' as const },
      isAdjacent: true,
    };
    const explorations = [explored('order', { failures: [failure!] }), explored('signals')];
    const getExplanation = ({ run }: { run: ExploredRun<Finding> }) => ({ run, swap });
    expect(grade({ explorations, getExplanation }).rules[0]?.finding?.swap).toEqual({
      message:
        'It turns on one choice: server#1 went on with msgctl before client#1 went on with msgsnd. The other way round, all is well.',
      seq: 1,
    });
  });

  test('is an error where a rule could not tell: that line costs nothing, whatever it found before, and the others count', () => {
    const fault = { code: 'rule', message: 'Rule mine threw Error: x (rules/mine.ts:3:5).', scenario: 'order' };
    const brokenLines = new Map([['removed', fault]]);
    expect(summary({ brokenLines })).toEqual(['error', 2, 3, ['error', 'pass']]);
    expect(grade({ brokenLines }).faults).toEqual([fault]);
    const found = [explored('order', failing('removed', 1)), explored('signals')];
    expect(summary({ brokenLines, explorations: found })).toEqual(['error', 2, 3, ['error', 'pass']]);
    const other = [explored('order', failing('ends', 1)), explored('signals')];
    expect(summary({ brokenLines, explorations: other })).toEqual(['fail', 0, 3, ['error', 'fail']]);
  });

  test('is inconclusive where a failure did not come again', () => {
    const doubt = { reason: 'Not again.', token: 't', differs: { seq: 3, first: 'a', again: 'b' } };
    const explorations = [explored('order', { doubts: [{ line: 'removed', ...doubt }] }), explored('signals')];
    expect(summary({ explorations })).toEqual(['inconclusive', 2, 3, ['inconclusive', 'pass']]);
    expect(grade({ explorations }).rules[0]?.doubt).toEqual({ scenario: 'order', ...doubt });
  });

  test('is an error, not a failure, after a fault; rules of other scenarios keep their verdict', () => {
    const fault = { error: Object.assign(new Error('broken'), { code: 'run' }), token: 'signals' };
    const explorations = [explored('order'), explored('signals', { fault })];
    expect(summary({ explorations })).toEqual(['error', 2, 3, ['error', 'pass']]);
    expect(grade({ explorations }).faults).toEqual([
      { code: 'run', message: 'broken', scenario: 'signals', token: 'signals' },
    ]);
  });

  test('keeps what failed for certain beside a fault', () => {
    const fault = { error: new Error('broken'), token: 'signals' };
    const explorations = [explored('order', failing('ends', 0)), explored('signals', { fault })];
    expect(summary({ explorations })).toEqual(['fail', 0, 3, ['error', 'fail']]);
  });

  test('is a failure without points if the submission does not build, told once', () => {
    const diagnostics = [
      {
        kind: 'syntax' as const,
        severity: 'error' as const,
        file: 'src/a.ts',
        line: 1,
        column: 2,
        message: 'Expected ;',
        excerpt: '',
      },
    ];
    expect(summary({ diagnostics, explorations: [] })).toEqual(['fail', 0, 0, ['not-run', 'not-run']]);
    expect(grade({ diagnostics, explorations: [] }).diagnostics).toEqual(diagnostics);
  });

  test('does not suffer from a warning of the build', () => {
    const diagnostics = [
      {
        kind: 'type' as const,
        severity: 'warning' as const,
        file: '',
        line: 0,
        column: 0,
        message: 'slow',
        excerpt: '',
      },
    ];
    expect(summary({ diagnostics })).toEqual(['pass', 5, 0, ['pass', 'pass']]);
  });

  test('is an error if nothing could be built at all', () => {
    const faults = [{ code: 'build-tool', message: 'no compiler' }];
    expect(summary({ faults, explorations: [] })).toEqual(['error', 0, 5, ['error', 'error']]);
  });

  test('says how far it came when it was interrupted', () => {
    const explorations = [explored('order', { runs: 7, interrupted: true }), explored('signals')];
    expect(summary({ explorations })).toEqual(['inconclusive', 0, 5, ['inconclusive', 'inconclusive']]);
    expect(grade({ explorations }).interrupted).toBe(true);
    expect(grade({ explorations }).rules[0]?.doubt?.reason).toBe('The grading was interrupted after 7 of 40 runs.');
  });

  test('says that a scenario was not run', () => {
    expect(summary({ explorations: [explored('order')] })).toEqual(['inconclusive', 2, 3, ['inconclusive', 'pass']]);
  });

  test('groups runs by what was found in them', () => {
    const left = createRun(2, [
      { line: 'removed', finding: FINDING },
      { line: 'ends', finding: FINDING },
    ]);
    const groups = [
      { runs: 30, simplest: createRun(0, []) },
      { runs: 9, simplest: left, reproduced: true },
      { runs: 1, simplest: createRun(3, [{ line: 'ends', finding: FINDING }]), reproduced: false },
    ];
    const cell = { survived: 1, failed: 0, unreached: 2, untried: 0 };
    const row = { what: 'SIGTERM', process: 'server#1', call: 'msgget' as const, cells: { before: cell } };
    const placements = { known: 12, tried: 10, landed: 8, matrix: [row] };
    const how = {
      strategies: [{ name: 'random', runs: 40 }],
      distinct: 39,
      processes: 2,
      choices: 7,
      preemptions: 0,
      isComplete: false,
    };
    expect(
      grade({ explorations: [explored('order', { groups, placements, explored: how, outOfTime: true })] }).scenarios[0],
    ).toEqual({
      name: 'order',
      title: 'Every order',
      runs: 40,
      budget: 40,
      placements,
      explored: how,
      outOfTime: true,
      outcomes: [
        { what: 'pass', verdict: 'pass', runs: 30, token: 't0' },
        { what: 'left behind', verdict: 'fail', runs: 9, token: 't2' },
        { what: 'left behind', verdict: 'inconclusive', runs: 1, token: 't3' },
      ],
    });
  });
});
