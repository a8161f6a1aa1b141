import { showText } from '../model/text.js';
import type { DrawnDiagram } from './diagram.js';
import { createPaint, type RenderOptions } from './palette.js';
import type { Screen } from './step.js';
import { wrapText } from './text.js';

const INDENT = 5; // of what a key does

/** What the player is asked. */
export interface Question {
  text: string;
  /** What a key does; in order. */
  choices: { key: string; text: string }[];
}

export interface PlayView {
  title: string;
  drawn: DrawnDiagram;
  /** Number of events that have happened. */
  seq: number;
  question: Question;
}

/** The picture so far and the question below it; never more lines than the screen has: what was first goes first. */
export function renderPlay({ title, drawn, seq, question }: PlayView, screen: Screen, options: RenderOptions): string {
  const paint = createPaint(options);
  const wrap = (text: string, indent: number): string[] => wrapText(showText(text), indent, screen.columns).split('\n');
  const foot = [
    '',
    ...wrap(question.text, 2).map((line) => paint('bold', line)),
    ...question.choices.flatMap(({ key, text }) =>
      wrapText(showText(text), 0, screen.columns - INDENT)
        .split('\n')
        .map((line, index) => `  ${(index === 0 ? key : '').padEnd(INDENT - 2)}${line}`),
    ),
  ];
  const head = [...wrap(title, 2).map((line) => paint('bold', line)), '', ...drawn.head];
  const past = drawn.rows.filter((row) => row.seq < seq).flatMap(({ lines }) => lines);
  const room = Math.max(0, screen.rows - head.length - foot.length);
  return [...head, ...past.slice(Math.max(0, past.length - room)), ...foot].slice(-screen.rows).join('\n');
}
