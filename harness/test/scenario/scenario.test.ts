import { getProcessNames, scenarioSchema } from '../../src/scenario/scenario.js';

const issuesOf = (value: unknown): string[] =>
  (scenarioSchema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
const start = [{ role: 'server' }, { role: 'client', count: 2 }];

test('a scenario of one line has a default for everything else', () => {
  expect(scenarioSchema.parse({ title: 'One server', start: [{ role: 'server' }] })).toEqual({
    title: 'One server',
    files: {},
    start: [{ role: 'server', args: [], count: 1, stdin: '', optional: false }],
    stop: [],
    signals: [],
    signalsPerRun: 1,
    faults: [],
    decoys: [],
    burntIds: 1,
    fileCalls: false,
    pty: false,
    limits: {},
    schedules: 40,
    signalCalls: false,
  });
});

test('processes are numbered by role, in the order in which they are started', () => {
  const entries = [
    { role: 'client', count: 2 },
    { role: 'server', count: 1 },
    { role: 'client', count: 1 },
  ];
  expect(getProcessNames(entries)).toEqual(['client#1', 'client#2', 'server#1', 'client#3']);
});

test('whoever starts after the end of others waits for processes that are started', () => {
  const after = { ends: ['server#1', 'client#3'] };
  expect(issuesOf({ title: 'x', start: [...start, { role: 'last', after }] })).toEqual([
    'start.2.after.ends.1: Expected a process that is started here (server#1, client#1, client#2, last#1), got client#3',
  ]);
});

test('a process that nobody starts cannot be stopped, signalled or waited for', () => {
  expect(
    issuesOf({
      title: 'x',
      start: [{ role: 'server', after: { process: 'daemon#1', call: 'msgget' } }],
      stop: [{ process: 'server#2', signal: 'SIGTERM' }],
      signals: [
        { process: 'client#1', signal: 'SIGTERM' },
        { process: 'server#1.1', signal: 'SIGKILL', also: ['server#1.2', 'server#3.1'] },
      ],
    }),
  ).toEqual([
    'start.0.after.process: Expected a process that is started here (server#1), got daemon#1',
    'signals.1.also.1: Expected a process that is started here (server#1), got server#3.1',
    'stop.0.process: Expected a process that is started here (server#1), got server#2',
    'signals.0.process: Expected a process that is started here (server#1), got client#1',
  ]);
});

test('a signal for all is for nobody besides', () => {
  const both = { process: 'client#1', signal: 'SIGINT', group: true, also: ['client#2'] };
  expect(issuesOf({ title: 'x', start, signals: [both] })).toEqual([
    'signals.0.also: Expected group or also, got both',
  ]);
});

test('a signal may be meant for a child that a started process will fork', () => {
  expect(issuesOf({ title: 'x', start, signals: [{ process: 'client#2.1', signal: 'SIGTERM' }] })).toEqual([]);
});

test.each(['/etc/passwd', '../x', 'a/../../x', '.', '..', 'a/', 'a//b', ''])(
  'the file %j would lie outside the run, or nowhere',
  (file) => {
    expect(issuesOf({ title: 'x', start, files: { [file]: '' } })).toHaveLength(1);
  },
);

test.each(['dispatch.key', 'import/1.xml', '.hidden', '..a'])('the file %j may be placed in the run', (file) => {
  expect(issuesOf({ title: 'x', start, files: { [file]: '' } })).toEqual([]);
});

test('unknown fields, misspelt signals and role names that a token could not carry are told with their place', () => {
  expect(
    issuesOf({ title: 'x', start: [{ role: 'b2' }], stop: [{ process: 'server#1', signal: 'TERM' }], stops: [] }),
  ).toEqual([
    'start.0.role: Expected a role: small letters, digits and dashes, ending in a letter',
    'stop.0.signal: Expected the name of a signal: SIGTERM, SIGINT …',
    ': Unrecognized key: "stops"',
  ]);
});
