import { z } from 'zod';
import { LabError } from '../../src/lab/lab-error.js';
import { parseLab } from '../../src/lab/load-lab.js';

const RULES = [
  {
    name: 'queues-removed',
    summary: 'Queues are removed',
    parameters: z.strictObject({ by: z.string().optional(), times: z.int().min(1).default(1) }),
  },
  { name: 'exit-status', summary: 'Status', parameters: z.strictObject({ role: z.string(), code: z.int() }) },
  { name: 'pid-file', summary: 'Files', parameters: z.strictObject({}), aboutFiles: true },
];

const GOOD = `version: 1
lab: 99-sample
title: Sample
roles:
  server: { entry: src/server.ts }
  client: { command: ./client, build: make }
formats:
  request: { mtype: { min: 1, max: 2 }, fields: { client: int, text: 'char[64]' } }
scenarios:
  order:
    title: Every order
    start:
      - { role: server }
      - { role: client, args: [hello], count: 2, after: { process: server#1, call: msgget } }
    stop: [{ process: server#1, signal: SIGTERM }]
  signals:
    title: A signal
    start: [{ role: server }]
    signals: [{ signal: SIGTERM, process: server#1 }]
rules:
  - { id: removed, rule: queues-removed, points: 3, title: The queue is removed, scenarios: [order], with: { by: server } }
  - id: status
    rule: exit-status
    points: 2
    title: Ends with 0
    with: { role: server, code: 0 }
`;

const problemsOf = (source: string): string => {
  try {
    parseLab(source, 'lab.yaml', RULES);
  } catch (error) {
    if (error instanceof LabError) return error.message;
    throw error;
  }
  return 'no problem';
};
const change = (from: string, to: string): string => {
  expect(GOOD).toContain(from);
  return GOOD.replace(from, to);
};

describe('a lab.yaml that is right', () => {
  test('becomes a lab with defaults filled in and rules of which each names its scenarios', () => {
    const lab = parseLab(GOOD, 'lab.yaml', RULES);
    expect(lab.id).toBe('99-sample');
    expect(lab.roles).toEqual({ server: { entry: 'src/server.ts' }, client: { command: './client', build: 'make' } });
    expect(lab.formats).toEqual({
      request: { mtype: { min: 1, max: 2 }, fields: { client: 'int', text: 'char[64]' } },
    });
    expect([lab.scenarios['order']?.schedules, lab.hints]).toEqual([40, 1]);
    expect(lab.rules).toEqual([
      {
        id: 'removed',
        rule: 'queues-removed',
        title: 'The queue is removed',
        points: 3,
        scenarios: ['order'],
        parameters: { by: 'server', times: 1 },
      },
      {
        id: 'status',
        rule: 'exit-status',
        title: 'Ends with 0',
        points: 2,
        scenarios: ['order', 'signals'],
        parameters: { role: 'server', code: 0 },
      },
    ]);
  });
  test('has the same hash as long as its text is the same', () => {
    expect(parseLab(GOOD, 'a', RULES).hash).toBe(parseLab(GOOD, 'b', RULES).hash);
    expect(parseLab(`${GOOD}\n`, 'a', RULES).hash).not.toBe(parseLab(GOOD, 'a', RULES).hash);
  });
});

describe('a problem in lab.yaml is told with its place, its line and a caret', () => {
  test.each([
    [
      'a misspelt role',
      change('- { role: server }', '- { role: sever }'),
      `lab.yaml:13:17 error: Unknown role sever; did you mean server?
  13 |       - { role: sever }
     |                 ^^^^^`,
    ],
    [
      'a misspelt process',
      change('stop: [{ process: server#1', 'stop: [{ process: srver#1'),
      `lab.yaml:15:23 error: Unknown process srver#1; did you mean server#1?
  15 |     stop: [{ process: srver#1, signal: SIGTERM }]
     |                       ^^^^^^^`,
    ],
    [
      'a misspelt call',
      change('call: msgget', 'call: msget'),
      `lab.yaml:14:84 error: Unknown call msget; did you mean msgget?
  14 |       - { role: client, args: [hello], count: 2, after: { process: server#1, call: msget } }
     |                                                                                    ^^^^^`,
    ],
    [
      'a call on files where those are not seen',
      change('call: msgget', 'call: rename'),
      `lab.yaml:14:84 error: Unknown call rename
  14 |       - { role: client, args: [hello], count: 2, after: { process: server#1, call: rename } }
     |                                                                                    ^^^^^^`,
    ],
    [
      'a rule about files, where calls on files are not seen',
      change('rule: queues-removed', 'rule: pid-file').replace(', with: { by: server }', ''),
      `lab.yaml:21:26 error: Expected the scenarios of rule pid-file to have fileCalls: true, order has not
  21 |   - { id: removed, rule: pid-file, points: 3, title: The queue is removed, scenarios: [order] }
     |                          ^^^^^^^^`,
    ],
    [
      'the end of a misspelt process',
      change('{ process: server#1, call: msgget }', '{ ends: [server#1, sever#1] }'),
      `lab.yaml:14:76 error: Unknown process sever#1; did you mean server#1?
  14 |       - { role: client, args: [hello], count: 2, after: { ends: [server#1, sever#1] } }
     |                                                                            ^^^^^^^`,
    ],
    [
      'a misspelt signal',
      change('signal: SIGTERM }]\n  signals', 'signal: SIGTREM }]\n  signals'),
      `lab.yaml:15:41 error: Unknown signal SIGTREM; did you mean SIGTERM?
  15 |     stop: [{ process: server#1, signal: SIGTREM }]
     |                                         ^^^^^^^`,
    ],
    [
      'a misspelt rule',
      change('rule: queues-removed', 'rule: queue-removed'),
      `lab.yaml:21:26 error: Unknown rule queue-removed; did you mean queues-removed?
  21 |   - { id: removed, rule: queue-removed, points: 3, title: The queue is removed, scenarios: [order], with: { by: server } }
     |                          ^^^^^^^^^^^^^`,
    ],
    [
      'a misspelt scenario of a rule',
      change('scenarios: [order]', 'scenarios: [ordre]'),
      `lab.yaml:21:94 error: Unknown scenario ordre; did you mean order?
  21 |   - { id: removed, rule: queues-removed, points: 3, title: The queue is removed, scenarios: [ordre], with: { by: server } }
     |                                                                                              ^^^^^`,
    ],
    [
      'an unknown key',
      change('    title: A signal', '    titel: A signal'),
      `lab.yaml:16:3 error: Expected scenarios.signals to have title, got none
  16 |   signals:
     |   ^^^^^^^
lab.yaml:17:5 error: Unknown key titel in scenarios.signals; did you mean title?
  17 |     titel: A signal
     |     ^^^^^`,
    ],
    [
      "an unknown parameter of a rule, by that rule's own schema",
      change('{ by: server }', '{ bye: server }'),
      `lab.yaml:21:110 error: Unknown key bye in rules[0].with; did you mean by?
  21 |   - { id: removed, rule: queues-removed, points: 3, title: The queue is removed, scenarios: [order], with: { bye: server } }
     |                                                                                                              ^^^`,
    ],
    [
      'a missing parameter of a rule, at what lacks it',
      change('with: { role: server, code: 0 }', 'with: { role: server }'),
      `lab.yaml:26:5 error: Expected rules[1].with to have code, got none
  26 |     with: { role: server }
     |     ^^^^`,
    ],
    [
      'parameters that are missing as a whole',
      change('    with: { role: server, code: 0 }\n', ''),
      `lab.yaml:22:5 error: Expected rules[1].with to have role, got none
  22 |   - id: status
     |     ^^^^^^^^^^
lab.yaml:22:5 error: Expected rules[1].with to have code, got none
  22 |   - id: status
     |     ^^^^^^^^^^`,
    ],
    [
      'a value of the wrong type',
      change('points: 2', 'points: two'),
      `lab.yaml:24:13 error: Expected rules[1].points to be a number, got "two"
  24 |     points: two
     |             ^^^`,
    ],
    [
      'an id used twice',
      change('id: status', 'id: removed'),
      `lab.yaml:22:9 error: Expected each rule to have an id of its own, got removed again
  22 |   - id: removed
     |         ^^^^^^^`,
    ],
    [
      'a role with neither an entry nor a command',
      change('{ command: ./client, build: make }', '{ }'),
      `lab.yaml:6:11 error: Expected a role to have entry, command, or both, got a map
   6 |   client: { }
     |           ^^^`,
    ],
    [
      'a field of no C type',
      change('client: int', 'client: integer'),
      `lab.yaml:8:59 error: Expected a C type: char, 'char[64]', int, long, int8 … uint64, float, double, or an array such as 'int[4]', got "integer"
   8 |   request: { mtype: { min: 1, max: 2 }, fields: { client: integer, text: 'char[64]' } }
     |                                                           ^^^^^^^`,
    ],
    [
      'another version',
      change('version: 1', 'version: 2'),
      `lab.yaml:1:10 error: Expected version to be 1, got 2
   1 | version: 2
     |          ^`,
    ],
    [
      'text that is not YAML',
      change('title: Sample\n', 'title: [Sample\n'),
      `lab.yaml:4:1 error: Not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]
   4 | roles:
     | ^`,
    ],
  ])('%s', (_, source, message) => {
    expect(problemsOf(source)).toBe(message);
  });

  test('a role may wait for a call on files where those are seen, or for the end of others', () => {
    const seen = change('call: msgget', 'call: rename').replace('    stop:', '    fileCalls: true\n    stop:');
    expect(problemsOf(seen)).toBe('no problem');
    expect(problemsOf(change('{ process: server#1, call: msgget }', '{ ends: server#1 }'))).toBe('no problem');
    const checked = seen.replace('rule: queues-removed', 'rule: pid-file').replace(', with: { by: server }', '');
    expect(problemsOf(checked)).toBe('no problem');
  });

  test('all of them are told at once, in the order of the file', () => {
    const source = change('call: msgget', 'call: msget')
      .replace('points: 2', 'points: -2')
      .replace('version: 1', 'verison: 1');
    expect(
      problemsOf(source)
        .split('\n')
        .filter((line) => line.includes('error:')),
    ).toEqual([
      'lab.yaml:1:1 error: Expected the file to have version, got none',
      'lab.yaml:1:1 error: Unknown key verison in the file; did you mean version?',
      'lab.yaml:14:84 error: Unknown call msget; did you mean msgget?',
      'lab.yaml:24:13 error: Expected rules[1].points to be at least 0, got -2',
    ]);
  });
});
