import { renderFree } from '../../src/report/index.js';
import { finding, linesOf } from './samples.js';

test('outcomes of free runs are counted, and one run of each that failed is shown', () => {
  const outcomes = [{ runs: 18 }, { runs: 2, title: 'The queue is removed, once', finding }];
  const text = renderFree({ name: 'order', title: 'In every order', runs: 20, outcomes }, { color: false });
  expect(linesOf(text)).toEqual([
    'order: In every order',
    '  20 runs at full speed: 18 pass · 2 too-early-pending',
    '',
    '  The queue is removed, once',
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
    '',
    '  Seen in 2 of 20 runs and not held at any call, so it cannot be shown again.',
    '  `ipclab grade` looks for the same in runs that can.',
    '',
    '',
  ]);
});

test('where all passed there is nothing more to say', () => {
  const scenario = { name: 'polite', title: 'Alone', runs: 1, outcomes: [{ runs: 1 }] };
  expect(renderFree(scenario, { color: false })).toBe('polite: Alone\n  1 run at full speed: 1 pass\n\n');
});

test('a scenario that is not judged at full speed says why', () => {
  const scenario = { name: 'ask', title: 'One asks', runs: 0, unseen: 'calls on files', outcomes: [] } as const;
  expect(renderFree(scenario, { color: false })).toBe(
    'ask: One asks\n  Not judged at full speed: it is about calls on files, and those are seen only\n  where processes are held.\n\n',
  );
});
