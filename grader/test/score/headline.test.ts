import { getHeadline } from '../../src/score/headline.js';
import { type Result, RESULT_VERSION, type RuleResult } from '../../src/score/result.js';

const FINDING = {
  rule: 'queues-removed',
  code: 'left',
  message: 'Nobody removed it',
  expected: '',
  actual: '',
  why: '',
  source: '',
  hints: [],
  processes: [],
  token: 'order',
  scenario: 'order',
  timeline: [],
};
const line = (change: Partial<RuleResult>): RuleResult => ({
  id: 'a',
  rule: 'terminates',
  title: 'A',
  points: 0,
  maxPoints: 1,
  verdict: 'pass',
  ...change,
});
const headlineOf = (change: Partial<Result>) =>
  getHeadline({
    version: RESULT_VERSION,
    submission: 'ann',
    lab: { id: 'l', title: 'L', certified: true },
    seed: 1,
    fingerprint: { id: 'f', lab: 'l', seed: 1, tool: '0.1.0', node: '20', kernel: '6.1' },
    verdict: 'pass',
    points: 0,
    maxPoints: 1,
    undecidedPoints: 0,
    rules: [line({})],
    scenarios: [],
    diagnostics: [],
    faults: [],
    interrupted: false,
    ...change,
  });

describe('the headline of a result', () => {
  test('is nothing for a pass', () => {
    expect(headlineOf({})).toBeUndefined();
  });
  test('is the first rule that failed', () => {
    const rules = [
      line({}),
      line({ verdict: 'fail', finding: FINDING }),
      line({ verdict: 'fail', finding: { ...FINDING, code: 'twice' } }),
    ];
    expect(headlineOf({ rules })).toEqual({ rule: 'queues-removed', code: 'left', message: 'Nobody removed it' });
  });
  test('is what does not build, before all else', () => {
    const diagnostics = [
      {
        kind: 'type' as const,
        severity: 'warning' as const,
        file: 'a.ts',
        line: 1,
        column: 1,
        message: 'slow',
        excerpt: '',
      },
      {
        kind: 'syntax' as const,
        severity: 'error' as const,
        file: 'a.ts',
        line: 3,
        column: 4,
        message: 'Expected ;\nmore',
        excerpt: '',
      },
    ];
    expect(headlineOf({ diagnostics })).toEqual({ rule: 'build', code: 'syntax', message: 'a.ts:3:4 Expected ;' });
  });
  test('is the fault, or the doubt, where nothing is certain', () => {
    expect(headlineOf({ faults: [{ code: 'run', message: 'broken' }] })).toEqual({
      rule: 'fault',
      code: 'run',
      message: 'broken',
    });
    const doubt = { reason: 'Not again.', scenario: 'order', token: 'order' };
    expect(headlineOf({ rules: [line({ verdict: 'inconclusive', doubt })] })).toEqual({
      rule: 'doubt',
      code: 'not-again',
      message: 'Not again.',
    });
  });
});
