import { renderPlay } from '../../src/report/index.js';
import { linesOf } from './samples.js';

const view = {
  title: 'lab · order: In every order',
  drawn: { head: ['main#1'], rows: [0, 1, 2, 3].map((seq) => ({ seq, lines: [`event ${seq}`] })) },
  seq: 3,
  question: { text: 'Who moves next?', choices: [{ key: '1', text: 'main#1 msgsnd' }] },
};

test('what has happened is shown, and below it the question', () => {
  expect(linesOf(renderPlay(view, { rows: 20, columns: 60 }, { color: false }))).toEqual([
    'lab · order: In every order',
    '',
    'main#1',
    'event 0',
    'event 1',
    'event 2',
    '',
    'Who moves next?',
    '  1  main#1 msgsnd',
  ]);
});

test('on a small screen what was first goes first', () => {
  expect(linesOf(renderPlay(view, { rows: 7, columns: 60 }, { color: false }))).toEqual([
    'lab · order: In every order',
    '',
    'main#1',
    'event 2',
    '',
    'Who moves next?',
    '  1  main#1 msgsnd',
  ]);
});
