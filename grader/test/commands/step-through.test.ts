import { EventEmitter } from 'node:events';
import type { Terminal } from '../../src/commands/full-screen.js';
import { stepThrough } from '../../src/commands/step-through.js';

const view = {
  title: 'order',
  drawn: { head: [], rows: ['one', 'two'].map((line, seq) => ({ seq, lines: [line] })) },
  timeline: [],
};

/** A terminal without a screen: what is asked of it is written down. */
function createTerminal() {
  const log: string[] = [];
  const input = Object.assign(new EventEmitter(), {
    setRawMode: (isRaw: boolean) => log.push(isRaw ? 'raw' : 'cooked'),
    resume: () => log.push('resume'),
    pause: () => log.push('pause'),
  });
  const write = (text: string): boolean => {
    // oxlint-disable-next-line no-control-regex
    log.push(text.replaceAll(/\u001B\[\??/g, '^'));
    return true;
  };
  const output = Object.assign(new EventEmitter(), { write, rows: 24, columns: 80 });
  const press = (keys: string): void => void input.emit('data', Buffer.from(keys));
  return { log, input, output, press, terminal: { input, output } as unknown as Terminal };
}

const screen = (lines: string, position: number): string =>
  `^H^2Jorder\r\n\r\n${lines}\r\n\r\n${position} of 2   space → next · ← back · q quit`;

test('each key draws the screen anew, q gives it back as it was', async () => {
  const { log, press, input, output, terminal } = createTerminal();
  const done = stepThrough(view, terminal, { color: false });
  press(' ');
  press('\u001B[D');
  output.emit('resize');
  press(' q');
  await done;
  const [first, second] = [screen('one', 1), screen('one\r\ntwo', 2)];
  expect(log).toEqual(['raw', '^1049h^25l', first, 'resume', second, first, first, 'pause', 'cooked', '^25h^1049l']);
  expect([...input.eventNames(), ...output.eventNames()]).toEqual([]);
});

test('a terminal that goes away ends it too', async () => {
  const { log, input, terminal } = createTerminal();
  const done = stepThrough(view, terminal, { color: false });
  input.emit('end');
  await done;
  expect(log.at(-1)).toBe('^25h^1049l');
});
