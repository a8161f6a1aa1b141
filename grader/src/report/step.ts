import { showText } from '../model/text.js';
import type { TimelineEvent } from '../score/result.js';
import type { DrawnDiagram } from './diagram.js';
import { createPaint, type RenderOptions } from './palette.js';
import { wrapText } from './text.js';

/** What a key asks for. */
export type Step = 'next' | 'back' | 'first' | 'last' | 'quit';

const KEYS: Readonly<Record<string, Step>> = {
  ' ': 'next',
  '\r': 'next',
  '\u001B[C': 'next',
  '\u001BOC': 'next',
  '\u001B[D': 'back',
  '\u001BOD': 'back',
  '\u007F': 'back',
  '\u001B[H': 'first',
  '\u001B[F': 'last',
  q: 'quit',
  '\u0003': 'quit',
  '\u0004': 'quit',
};

// A key is a letter or an escape sequence (ECMA-48: CSI, or SS3 of a keypad). Several may come at once.
// oxlint-disable-next-line no-control-regex
const KEY = /\u001B(?:\[[\d;]*[@-~]|O[@-~])?|[^]/gu;

/** The keys that a terminal in raw mode has sent; those that mean nothing are left out. */
export const parseKeys = (text: string): Step[] => (text.match(KEY) ?? []).flatMap((key) => KEYS[key] ?? []);

/** Where a key leads among so many events; undefined: out. */
export function moveStep(position: number, step: Step, count: number): number | undefined {
  switch (step) {
    case 'next':
      return Math.min(position + 1, count - 1);
    case 'back':
      return Math.max(position - 1, 0);
    case 'first':
      return 0;
    case 'last':
      return count - 1;
    case 'quit':
      return undefined;
  }
}

/** A run that is stepped through. */
export interface StepView {
  title: string;
  drawn: DrawnDiagram;
  /** All events, in the words of a list. */
  timeline: readonly TimelineEvent[];
}

export interface Screen {
  rows: number;
  columns: number;
}

const KEYS_ASCII = 'space, right: next; left: back; q: quit';

/** What the screen shows at an event: the picture up to it, the event in full, and the keys; never more lines than the screen has. */
export function renderStep(
  { title, drawn, timeline }: StepView,
  position: number,
  screen: Screen,
  options: RenderOptions,
): string {
  const paint = createPaint(options);
  const row = drawn.rows[position]!;
  const event = timeline.find(({ seq }) => seq === row.seq);
  const told = event
    ? wrapText(showText(`${event.seq} ${event.process} ${event.text}`), 2, screen.columns).split('\n')
    : [];
  const keys = options.ascii ? KEYS_ASCII : 'space → next · ← back · q quit';
  const foot = ['', ...told, paint('dim', `${position + 1} of ${drawn.rows.length}   ${keys}`)];
  const head = [paint('bold', wrapText(title, 2, screen.columns)), '', ...drawn.head].flatMap((text) =>
    text.split('\n'),
  );
  const room = Math.max(1, screen.rows - head.length - foot.length);
  const picture = drawn.rows.slice(0, position + 1).flatMap(({ lines }) => lines);
  return [...head, ...picture.slice(-room), ...foot].slice(-screen.rows).join('\n');
}
