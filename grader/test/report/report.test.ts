import { renderReport } from '../../src/report/index.js';
import { measureText } from '../../src/report/text.js';
import { createReport, createRule, finding, linesOf } from './samples.js';

const plain = { color: false };
const FOOT = 'fingerprint d3c07029: seed 7 · lab l · ipclab 0.1.0 · node 20 · kernel 6.18';

test('what holds is a line each', () => {
  const rules = [createRule({}), createRule({ title: 'Every run ends', points: 2, maxPoints: 2 })];
  expect(linesOf(renderReport(createReport({ rules, points: 6, maxPoints: 6 }), plain))).toEqual([
    '01-hello-queue: Hello, queue',
    'submissions/ann',
    '',
    'pass     The queue is removed, once, after the receive                    4 of 4',
    'pass     Every run ends                                                   2 of 2',
    '',
    '6 of 6 points  All of it holds.',
    FOOT,
    '',
  ]);
});

test('a lab without a certificate says so at the end', () => {
  const report = createReport({ rules: [createRule({})] });
  const text = renderReport({ ...report, lab: { ...report.lab, certified: false } }, plain);
  expect(linesOf(text).slice(-3)).toEqual([FOOT, 'lab not certified: ipclab lab check has not passed it as it is', '']);
});

const cell = (survived: number, failed = 0, unreached = 0, untried = 0) => ({ survived, failed, unreached, untried });

test('what fails says why; one cause, and one run, is told once; then what was explored', () => {
  const failed = (id: string, title: string, change: object = {}) =>
    createRule({ id, title, verdict: 'fail', points: 0, finding: { ...finding, ...change } });
  const [, , , last] = finding.timeline;
  const report = createReport({
    verdict: 'fail',
    maxPoints: 16,
    rules: [
      createRule({}),
      failed('two', 'A title that is too long for one line of a terminal of eighty columns', { timeline: [last!] }),
      failed('three', 'The same again'),
      failed('four', 'Another one of the same run', { message: 'main#1 ended with status 1.' }),
      createRule({ title: 'This holds' }),
    ],
    scenarios: [
      {
        name: 'order',
        title: 'Every order',
        runs: 40,
        budget: 40,
        outcomes: [
          { what: 'pass', verdict: 'pass', runs: 30, token: 'order' },
          { what: 'too early pending', verdict: 'fail', runs: 10, token: 'order~main1.3:main1_1~~removed' },
        ],
        explored: {
          strategies: [
            { name: 'bounded', runs: 10 },
            { name: 'pct(2)', runs: 30 },
          ],
          distinct: 38,
          processes: 2,
          choices: 15,
          preemptions: 1,
          isComplete: false,
        },
        outOfTime: false,
      },
      {
        name: 'signal-parent',
        title: 'A signal',
        runs: 12,
        budget: 120,
        placements: {
          known: 14,
          tried: 10,
          landed: 9,
          matrix: [
            {
              what: 'SIGTERM',
              process: 'main#1',
              call: 'msgrcv',
              cells: { before: cell(2, 1), blocked: cell(0, 0, 1) },
            },
            { what: 'SIGTERM', process: 'main#1', call: 'wait', cells: { after: cell(3), entry: cell(0, 0, 0, 3) } },
            { what: 'ENOSPC', process: 'main#1', call: 'msgget', cells: { before: cell(1, 0, 0, 3) } },
          ],
        },
        outcomes: [],
        outOfTime: true,
      },
    ],
  });
  const reasons = [
    '  expected  every message is received before the queue is removed',
    '  actual    removing it destroyed what was in it',
    '  why       IPC_RMID removes a queue at once, and destroys all messages in it:',
    '            nobody can receive them any more. [msgctl(2), Lecture 6: IPC_RMID]',
    '  see it    npx ipclab replay order~main1.3:main1_1 submissions/ann',
  ];
  expect(linesOf(renderReport(report, plain))).toEqual([
    '01-hello-queue: Hello, queue',
    'submissions/ann',
    '',
    'pass     The queue is removed, once, after the receive                    4 of 4',
    '',
    'FAIL     A title that is too long for one line of a terminal of eighty    0 of 4',
    '         columns',
    '',
    '  main#1 removed queue A with a message still in it: number of type 42 {number:',
    '  252}.',
    '',
    '  > 10  main#1  msgctl(queue A, IPC_RMID) = 0',
    '',
    ...reasons,
    '',
    '',
    'FAIL     The same again                                                   0 of 4',
    '  As above: A title that is too long for one line of a terminal of eighty',
    '    columns',
    '',
    'FAIL     Another one of the same run                                      0 of 4',
    '',
    '  main#1 ended with status 1.',
    '',
    '  >  5  main#1  msgsnd(queue A, number of type 42 {number: 252, and: "a text',
    '                that makes it long"}) = 0',
    '        …',
    '  > 10  main#1  msgctl(queue A, IPC_RMID) = 0',
    '',
    ...reasons,
    '',
    '',
    'pass     This holds                                                       4 of 4',
    '',
    'Explored',
    '  order: 40 schedules: 30 pass · 10 too early pending',
    '    too early pending: order~main1.3:main1_1~~removed',
    '    38 of them different: bounded 10, pct(2) 30',
    '    Every schedule with at most 1 preemption was run.',
    '    pct(2): a mistake that needs one ill-timed switch (2 processes, 15 choices)',
    '    is met with a probability of at least 63 % in these 30 runs.',
    '  signal-parent: 12 of 120 schedules, then the time was over; tried at 10 of',
    '    14 places: none run',
    '    SIGTERM at main#1  before    entry     blocked   after',
    '      msgrcv           FAIL 1/3            not met',
    '      wait                       not tried           ok 3',
    '    ENOSPC at main#1   before    entry     blocked   after',
    '      msgget           ok 1/4',
    '',
    '4 of 16 points  Some of it does not hold yet.',
    FOOT,
    '',
  ]);
});

test('what could not be told says what differed', () => {
  const doubt = {
    reason: 'A run failed, but the same schedule gave something else when it was repeated.',
    scenario: 'order',
    token: 'order~a',
    differs: { seq: 4, first: 'msgrcv(queue A, type 42) = EINTR', again: 'prints\u001B[2J' },
  };
  const rules = [createRule({ verdict: 'inconclusive', points: 0, doubt })];
  const report = createReport({ verdict: 'inconclusive', points: 0, undecidedPoints: 4, rules });
  expect(linesOf(renderReport(report, plain)).slice(3)).toEqual([
    'unclear  The queue is removed, once, after the receive                    0 of 4',
    '',
    '  A run failed, but the same schedule gave something else when it was repeated.',
    '',
    '  first     #4 msgrcv(queue A, type 42) = EINTR',
    String.raw`  again     #4 prints\u001b[2J`,
    '  see it    npx ipclab replay order~a submissions/ann',
    '',
    '',
    '0 of 4 points, 4 undecided  Some of it could not be told.',
    FOOT,
    '',
  ]);
});

test('a fault of ours is told as ours', () => {
  const faults = [{ code: 'run', message: 'The kernel and the shadow disagree' }];
  const rules = [createRule({ verdict: 'error', points: 0 })];
  const broken = createReport({ verdict: 'error', points: 0, undecidedPoints: 4, rules, faults });
  expect(linesOf(renderReport(broken, plain)).slice(3)).toEqual([
    'error    The queue is removed, once, after the receive                    0 of 4',
    '',
    '  run: The kernel and the shadow disagree',
    '',
    '',
    '0 of 4 points, 4 undecided',
    'Something on our side, or of the machine, broke. That costs no points.',
    FOOT,
    '',
  ]);
  // Beside a line that failed for certain.
  const failed = [createRule({ verdict: 'fail', points: 0, finding: { ...finding, timeline: [] } })];
  const lines = linesOf(renderReport(createReport({ verdict: 'fail', points: 0, rules: failed, faults }), plain));
  expect(lines.slice(-6, -3)).toEqual(['', 'fault run: The kernel and the shadow disagree', '']);
});

test('what broke in each scenario is told once, line by line, with the run in which it came', () => {
  const message = 'The engine did not start. It said:\nno such file\u001b[2J';
  const faults = [
    { code: 'engine-start', message, scenario: 'order', token: 'order' },
    { code: 'run', message: 'They disagree', scenario: 'order', token: 'order~ab' },
    { code: 'engine-start', message, scenario: 'crowd', token: 'crowd' },
  ];
  const rules = [createRule({ verdict: 'error', points: 0 }), createRule({ verdict: 'error', points: 0, title: 'B' })];
  const report = createReport({ verdict: 'error', points: 0, maxPoints: 8, undecidedPoints: 8, rules, faults });
  expect(linesOf(renderReport(report, plain)).slice(3, -4)).toEqual([
    'error    The queue is removed, once, after the receive                    0 of 4',
    '',
    '  engine-start: The engine did not start. It said:',
    String.raw`  no such file\u001b[2J`,
    '  run: They disagree',
    '  see it    npx ipclab replay order~ab submissions/ann',
    '',
    '',
    'error    B                                                                0 of 4',
    '  As above: The queue is removed, once, after the receive',
    '',
  ]);
});

test('what does not build is told once, above', () => {
  const diagnostics = [
    {
      kind: 'missing-file' as const,
      severity: 'error' as const,
      file: 'src/main.ts',
      line: 0,
      column: 0,
      message: 'Expected the file of role main',
      excerpt: '',
    },
  ];
  const rules = [createRule({ verdict: 'not-run', points: 0 }), createRule({ verdict: 'not-run', points: 0 })];
  const report = createReport({ verdict: 'fail', points: 0, maxPoints: 8, rules, diagnostics });
  expect(linesOf(renderReport(report, plain)).slice(3)).toEqual([
    'src/main.ts error: Expected the file of role main',
    '',
    'not run  The queue is removed, once, after the receive                    0 of 4',
    'not run  The queue is removed, once, after the receive                    0 of 4',
    '',
    '0 of 8 points  It does not build yet.',
    FOOT,
    '',
  ]);
});

test('an interrupted grading says so', () => {
  const lines = linesOf(renderReport(createReport({ interrupted: true }), plain));
  expect(lines.at(-3)).toBe('4 of 4 points  Interrupted: this is what was known.');
});

test('no line but a command or a token is wider than a terminal', () => {
  const long = 'many words that go on and on '.repeat(9);
  const wide = '消息队列'.repeat(40);
  const texts = { message: long, expected: wide, actual: `${long}${wide}`, why: long };
  const timeline = [{ seq: 123, process: 'client#12.3', text: `${long}${wide}`, shows: true }];
  const rules = [
    createRule({ title: long, verdict: 'fail', points: 0, finding: { ...finding, ...texts, timeline } }),
    createRule({ title: wide }),
  ];
  const faults = [{ code: 'run', message: long }];
  const outcomes = Array.from({ length: 9 }, (_, runs) => ({
    what: 'pass',
    verdict: 'pass' as const,
    runs,
    token: 'a',
  }));
  const scenarios = [{ name: 'order', title: '', runs: 1, budget: 2, outcomes, outOfTime: false }];
  const text = renderReport(createReport({ verdict: 'fail', rules, faults, scenarios }), plain);
  expect(linesOf(text).filter((line) => measureText(line) > 80)).toEqual([]);
});
