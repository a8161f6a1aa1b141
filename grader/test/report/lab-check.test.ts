import type { LabCheck } from '../../src/lab-check/lab-check.js';
import { renderLabCheck } from '../../src/report/lab-check.js';

const mutant = {
  name: 'no-removal',
  expected: 'removed: left',
  under: 'polite',
  seeds: 2,
  caught: 2,
  runsToCatch: [1, 3],
  first: '1 of polite',
  otherwise: [],
  wanted: ['removed'],
  lost: ['removed', 'ends'],
  faults: [],
};
const program = {
  name: 'solution-async',
  seeds: 2,
  passed: 2,
  runs: 20,
  alarms: 0,
  inconclusive: 0,
  untested: [],
  faults: [],
  what: '',
};
const check: LabCheck = {
  lab: { id: '99-sample', title: 'Sample', points: 6, lines: ['removed', 'ends', 'status'] },
  seeds: 2,
  runs: 20,
  load: false,
  problems: [],
  faults: [],
  skeletons: [
    {
      name: '.',
      expected: 'removed',
      hasFailed: true,
      what: 'removed: left',
      points: 1,
      faults: [],
      interrupted: false,
    },
  ],
  correct: [program],
  mutants: [mutant],
  alarms: { alarms: 0, runs: 20, upperBound: 0.139 },
  detection: { median: 1, max: 3 },
  interrupted: false,
};
const render = (change: Partial<LabCheck> = {}): string[] =>
  renderLabCheck({ ...check, ...change }, { color: false }).split('\n');

test('a sound lab is certified: its programs, who lost what, how sure that is', () => {
  expect(render()).toEqual([
    '99-sample: Sample',
    '6 points in 3 lines; 2 seeds',
    '',
    'Skeletons fail',
    '   skeleton  must fail by  failed by      points',
    '-  --------  ------------  -------------  ------',
    '✓  .         removed       removed: left  1',
    '',
    'Correct programs pass',
    '   program         seeds  runs  false alarms  unclear  what',
    '-  --------------  -----  ----  ------------  -------  ----',
    '✓  solution-async  2/2    20    0             0',
    '',
    'Mutants are caught',
    '   mutant      must be caught by  under   seeds  first at run  otherwise',
    '-  ----------  -----------------  ------  -----  ------------  ---------',
    '✓  no-removal  removed: left      polite  2/2    1 of polite',
    '',
    'Kill matrix, of the first seed: ● lost as it must be, + lost too',
    'mutant      1  2  3',
    '----------  -  -  -',
    'no-removal  ●  +  ·',
    '1 removed, 2 ends, 3 status',
    'No mutant loses status.',
    '',
    '0 false alarms in 20 runs of correct programs: the rate is below 13.90 % (95 % confidence).',
    'Runs until a mistake is seen: median 1, at most 3.',
    '',
    'Certified.',
    '',
  ]);
});

test('what is wrong is told, and nothing is certified', () => {
  const lines = render({
    load: true,
    correct: [{ ...program, passed: 1, alarms: 1, what: 'output: main#1 did not print "1".' }],
    problems: ['solution-async: expected to pass on all 2 seeds, passed on 1'],
    faults: ['no-removal: The engine ended.'],
  });
  expect(lines[1]).toBe('6 points in 3 lines; 2 seeds, every core kept busy');
  expect(lines.find((line) => line.includes('1/2'))).toBe(
    '✗  solution-async  1/2    20    1             0        output: main#1 did not print "1".',
  );
  expect(lines.slice(-9)).toEqual([
    '',
    '1 problem',
    '  solution-async: expected to pass on all 2 seeds, passed on 1',
    '',
    '1 fault: something broke, and so nothing is said of the lab',
    '  no-removal: The engine ended.',
    '',
    'Not certified.',
    '',
  ]);
});

test('after an interrupt nothing is said of what is half done', () => {
  const lines = render({ interrupted: true, mutants: [{ ...mutant, seeds: 0, caught: 0, lost: [], first: '' }] });
  expect(lines.find((line) => line.includes('0/0'))).toBe('?  no-removal  removed: left      polite  0/0');
  expect(lines.slice(-2)).toEqual(['Interrupted: nothing is certified.', '']);
});
