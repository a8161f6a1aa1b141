import { createDiagram, moveStep, parseKeys, renderStep, renderTimeline } from '../../src/report/index.js';
import { drawDiagram } from '../../src/report/diagram.js';
import { lostWakeUp } from './pictures.js';
import { linesOf } from './samples.js';

const { run } = lostWakeUp();
const view = {
  title: '02-mtype-dispatch · order: In every order',
  drawn: drawDiagram(createDiagram(run, 'all')!, { color: false }),
  timeline: renderTimeline(run, 'all'),
};

test('keys are told from what a terminal sends, also several at once', () => {
  expect(parseKeys(' \r\u001B[C\u001BOC')).toEqual(['next', 'next', 'next', 'next']);
  expect(parseKeys('\u001B[D\u001BOD\u007F')).toEqual(['back', 'back', 'back']);
  expect(parseKeys('\u001B[H\u001B[F')).toEqual(['first', 'last']);
  expect(['q', '\u0003', '\u0004'].flatMap(parseKeys)).toEqual(['quit', 'quit', 'quit']);
  expect(parseKeys('x\u001B[1;5C\u001B[A\u001B世')).toEqual([]);
});

test('a step stays within the run', () => {
  expect([moveStep(0, 'next', 3), moveStep(2, 'next', 3)]).toEqual([1, 2]);
  expect([moveStep(2, 'back', 3), moveStep(0, 'back', 3)]).toEqual([1, 0]);
  expect([moveStep(1, 'first', 3), moveStep(1, 'last', 3), moveStep(1, 'quit', 3)]).toEqual([0, 2, undefined]);
});

test('a screen shows the run up to an event, that event in full, and the keys', () => {
  const screen = { rows: 24, columns: 80 };
  expect(linesOf(renderStep(view, 4, screen, { color: false }))).toEqual([
    '02-mtype-dispatch · order: In every order',
    '',
    '         server#1                        client#1                        queue A',
    '     0   ┳ starts',
    '     1   ● sigaction SIGTERM, handler',
    '     2   ● msgget = queue A                                              []',
    '     3   ┊                               ┳ starts',
    '     4   ┊                             ╭─● msgsnd 1 "hello"              [1]',
    '',
    '4 client#1 msgsnd(queue A, message of type 1) = 0',
    '5 of 12   space → next · ← back · q quit',
  ]);
});

test('a small screen shows the last events below the names; the keys are always there', () => {
  expect(linesOf(renderStep(view, 4, { rows: 8, columns: 80 }, { color: false, ascii: true }))).toEqual([
    '02-mtype-dispatch · order: In every order',
    '',
    '         server#1                        client#1                        queue A',
    '     3   ┊                               ┳ starts',
    '     4   ┊                             ╭─● msgsnd 1 "hello"              [1]',
    '',
    '4 client#1 msgsnd(queue A, message of type 1) = 0',
    '5 of 12   space, right: next; left: back; q: quit',
  ]);
  expect(linesOf(renderStep(view, 11, { rows: 2, columns: 80 }, { color: false }))).toEqual([
    '11 server#1 msgrcv(queue A, type -2) [waits for ever]',
    '12 of 12   space → next · ← back · q quit',
  ]);
});
