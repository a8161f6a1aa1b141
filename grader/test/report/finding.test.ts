import { createDiagram, renderDiagnostics, renderFinding, renderTimeline } from '../../src/report/index.js';
import { lostWakeUp } from './pictures.js';
import { finding, linesOf } from './samples.js';

test('a finding says what happened, shows the events, and says what was expected, why, and how to see it again', () => {
  expect(linesOf(renderFinding(finding, 'submissions/ann', { color: false }))).toEqual([
    '  main#1 removed queue A with a message still in it: number of type 42 {number:',
    '  252}.',
    '',
    '     3  main#1    msgget(IPC_PRIVATE, IPC_CREAT|0600) = queue A',
    '        …',
    '  >  5  main#1    msgsnd(queue A, number of type 42 {number: 252, and: "a text',
    '                  that makes it long"}) = 0',
    '     6  main#1.1  starts (forked)',
    '        …',
    '  > 10  main#1    msgctl(queue A, IPC_RMID) = 0',
    '',
    '  expected  every message is received before the queue is removed',
    '  actual    removing it destroyed what was in it',
    '  why       IPC_RMID removes a queue at once, and destroys all messages in it:',
    '            nobody can receive them any more. [msgctl(2), Lecture 6: IPC_RMID]',
    '  see it    npx ipclab replay order~main1.3:main1_1 submissions/ann',
  ]);
});

test('hints that are allowed stand after why, numbered if there are several', () => {
  const render = (hints: string[]): string[] =>
    linesOf(renderFinding({ ...finding, hints }, 'ann', { color: false })).slice(15, -1);
  expect(render(['Who is the last to need the queue?'])).toEqual(['  hint      Who is the last to need the queue?']);
  expect(render(['Who is the last?', 'Look there.'])).toEqual([
    '  hint 1    Who is the last?',
    '  hint 2    Look there.',
  ]);
});

test('what it turns on stands after the events, once a run', () => {
  const swap = {
    message:
      'It turns on one choice: main#1 went on with msgctl before main#1.1 started. The other way round, all is well.',
    seq: 10,
  };
  const render = (isShown: boolean): string[] =>
    linesOf(renderFinding({ ...finding, swap }, 'submissions/ann', { color: false, isShown }));
  expect(render(false).slice(9, 15)).toEqual([
    '  > 10  main#1    msgctl(queue A, IPC_RMID) = 0',
    '',
    '  It turns on one choice: main#1 went on with msgctl before main#1.1 started.',
    '  The other way round, all is well. [event 10]',
    '',
    '  expected  every message is received before the queue is removed',
  ]);
  expect(render(true)).toEqual(linesOf(renderFinding(finding, 'submissions/ann', { color: false, isShown: true })));
});

test('a call whose place in the source is known is told with its line', () => {
  const timeline = [
    { seq: 5, process: 'main#1', text: 'msgget(IPC_PRIVATE, 0600) = queue A', shows: true, place: 'src/main.ts:12:9' },
    {
      seq: 6,
      process: 'main#1',
      text: 'msgsnd(queue A, number of type 42 {number: 252, and: "text"}) = 0',
      shows: false,
      place: 'main.c:40',
    },
  ];
  const text = renderFinding({ ...finding, timeline }, 'submissions/ann', { color: false });
  expect(linesOf(text).slice(3, 6)).toEqual([
    '  > 5  main#1  msgget(IPC_PRIVATE, 0600) = queue A at src/main.ts:12',
    '    6  main#1  msgsnd(queue A, number of type 42 {number: 252, and: "text"}) = 0',
    '               at main.c:40',
  ]);
});

test('of a run that was shown above only the events that show the finding are repeated', () => {
  const text = renderFinding(finding, 'submissions/ann', { color: false, isShown: true });
  expect(linesOf(text).slice(3, 7)).toEqual([
    '  >  5  main#1  msgsnd(queue A, number of type 42 {number: 252, and: "a text',
    '                that makes it long"}) = 0',
    '        …',
    '  > 10  main#1  msgctl(queue A, IPC_RMID) = 0',
  ]);
});

test('of several processes there is a picture, and below it what shows the finding in full', () => {
  const { run, finding: found } = lostWakeUp();
  const parts = { message: 'It sleeps.', timeline: renderTimeline(run, found), diagram: createDiagram(run, found)! };
  const render = (isShown: boolean): string[] =>
    linesOf(renderFinding({ ...finding, ...parts }, 'ann', { color: false, isShown }));
  const events = [
    '',
    '  >  7  server#1  <- SIGTERM from the grader, before its call 1: its handler',
    '                  runs',
    '  >  8  client#1  msgrcv(queue A, type 20001) = message of type 20001 [had to',
    '                  wait]',
    '        …',
    '  > 11  server#1  msgrcv(queue A, type -2) [waits for ever]',
    '',
    '  expected  every message is received before the queue is removed',
  ];
  expect(render(false).slice(0, 18)).toEqual([
    '  It sleeps.',
    '',
    '         client#1                           server#1                     queue A',
    '     4   ● msgsnd 1 "hello" ──────────────╮ ┊                            [1]',
    '     5   ┊                                ╰▶● msgrcv ≤2 = 1 "hello"      []',
    '     6   ┊                                ╭─● msgsnd 20001 "HELLO"       [20001]',
    '  >  7   ┊                                │ ● ⚡ SIGTERM before call 1',
    '  >  8   ● msgrcv 20001 = 20001 "HELLO" ◀─╯ ┊                            []',
    '     …   ┃                                  ┊',
    '  > 11                                      ┊ msgrcv ≤2 waits for ever   ◀ here',
    ...events.slice(0, 8),
  ]);
  // Of a run that was shown above the picture is not repeated.
  expect(render(true).slice(0, 10)).toEqual(['  It sleeps.', ...events]);
});

test('a finding without events has none', () => {
  const text = renderFinding({ ...finding, message: 'No queue.', timeline: [] }, 'a', { color: false });
  expect(linesOf(text).slice(0, 3)).toEqual([
    '  No queue.',
    '',
    '  expected  every message is received before the queue is removed',
  ]);
});

test('colours mark what is important, and change no letter', () => {
  // oxlint-disable-next-line no-control-regex
  const plain = renderFinding(finding, 'a', { color: true }).replaceAll(/\u001B\[\d+m/g, '');
  expect(plain).toBe(renderFinding(finding, 'a', { color: false }));
  expect(linesOf(renderFinding(finding, 'a', { color: true })).slice(9, 12)).toEqual([
    '\u001B[1m  > 10  main#1    msgctl(queue A, IPC_RMID) = 0\u001B[22m',
    '',
    '  \u001B[36mexpected  \u001B[39mevery message is received before the queue is removed',
  ]);
});

test('the command can be copied, whatever the name of the folder', () => {
  const command = (submission: string) => linesOf(renderFinding(finding, submission, { color: false })).at(-1);
  expect(command('a b')).toBe("  see it    npx ipclab replay order~main1.3:main1_1 'a b'");
  expect(command("it's;")).toBe(String.raw`  see it    npx ipclab replay order~main1.3:main1_1 'it'\''s;'`);
});

test('nothing that a program wrote reaches the terminal as it is', () => {
  const evil = '\u001B]0;title\u0007\u009B2J\u202E::error::';
  const text = renderFinding(
    {
      ...finding,
      message: evil,
      expected: evil,
      actual: evil,
      timeline: [{ seq: 1, process: 'main#1', text: evil, shows: true }],
    },
    evil,
    { color: false },
  );
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('errors of the build have their place, and the line with a mark', () => {
  const diagnostic = {
    kind: 'type' as const,
    severity: 'error' as const,
    file: 'src/main.ts',
    line: 3,
    column: 7,
    message: "Type 'string' is not assignable to type 'number', which is what the caller of it has asked for.\nMore.",
    excerpt: '3 | const a\u0007 = 1;\n  |       ^',
  };
  const missing = { ...diagnostic, file: 'src/x.ts', line: 0, column: 0, message: 'Expected a file', excerpt: '' };
  const warning = { ...missing, severity: 'warning' as const };
  expect(linesOf(renderDiagnostics([diagnostic, missing, warning], { color: false }))).toEqual([
    "src/main.ts:3:7 error: Type 'string' is not assignable to type 'number',",
    '    which is what the caller of it has asked for.',
    '    More.',
    String.raw`  3 | const a\u0007 = 1;`,
    '    |       ^',
    'src/x.ts error: Expected a file',
    'src/x.ts warning: Expected a file',
  ]);
  expect(renderDiagnostics([warning], { color: true })).toBe(
    '\u001B[1msrc/x.ts\u001B[22m \u001B[33mwarning\u001B[39m: Expected a file',
  );
});
