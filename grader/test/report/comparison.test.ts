import { renderComparison } from '../../src/report/index.js';
import { compareResults } from '../../src/score/compare-results.js';
import { createReport, createRule, finding } from './samples.js';

const print = (...results: Parameters<typeof compareResults>): string[] =>
  renderComparison(compareResults(...results), { color: false }).split('\n');
const report = createReport({});

test('two gradings with the same outcome say the same', () => {
  expect(print(report, { ...report, submission: 'elsewhere' })).toEqual([
    'Both say the same.',
    'So do the fingerprints.',
    '',
  ]);
});

test('the same outcome under other circumstances says which circumstances', () => {
  const fingerprint = { ...report.fingerprint, id: '12345678', node: '22', kernel: '6.1' };
  expect(print(report, { ...report, fingerprint })).toEqual([
    'Both say the same.',
    'The fingerprints differ:',
    '',
    '  node    20 | 22',
    '  kernel  6.18 | 6.1',
    '',
  ]);
});

test('different outcomes are listed line by line, with what may be the reason', () => {
  const other = createReport({
    verdict: 'fail',
    points: 0,
    rules: [createRule({ verdict: 'fail', points: 0, finding }), createRule({ id: 'ends' })],
    fingerprint: { ...report.fingerprint, id: '12345678', lab: 'k', seed: 8, tool: '0.2.0' },
  });
  expect(print(report, other)).toEqual([
    'They differ:',
    '',
    '  as a whole  pass, 4 of 4 | fail, 0 of 4',
    '  removed     pass | fail (too-early-pending)',
    '  ends        no such line | pass',
    '',
    'The fingerprints differ:',
    '',
    '  lab.yaml  l | k',
    '  seed      7 | 8',
    '  ipclab    0.1.0 | 0.2.0',
    '',
  ]);
});

test('different outcomes under the same circumstances are our mistake; an interrupted grading is one of them', () => {
  expect(print(report, { ...report, interrupted: true })).toEqual([
    'They differ:',
    '',
    '  as a whole  pass, 4 of 4 | pass, 4 of 4, interrupted',
    '',
    'The fingerprints are equal: if the submission is the same, this is a mistake of ipclab. Please report it with both results.',
    '',
  ]);
});
