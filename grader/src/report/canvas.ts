import { type Paint } from './palette.js';
import { splitLetters } from './text.js';

type Style = Parameters<Paint>[0];

interface Cell {
  /** Empty where the letter before takes two columns. */
  glyph: string;
  style?: Style | undefined;
}

/** What comes of a horizontal line through what stands there already. */
const CROSSINGS: Readonly<Record<string, string>> = {
  '┃': '╂',
  '┊': '┼',
  '│': '┼',
  '╭': '┬',
  '╮': '┬',
  '╰': '┴',
  '╯': '┴',
};

/** One line of a picture, drawn by columns. */
export class CanvasLine {
  readonly #cells: Cell[] = [];

  put(x: number, text: string, style?: Style): void {
    let at = x;
    for (const { letter, columns } of splitLetters(text)) {
      if (columns === 0) {
        const last = this.#cells[at - 1];
        if (last) last.glyph += letter;
        continue;
      }
      this.#cells[at] = { glyph: letter, style };
      for (let next = 1; next < columns; next++) this.#cells[at + next] = { glyph: '', style };
      at += columns;
    }
  }

  /** A horizontal line in these columns, both included; none if they are in the other order. */
  run(from: number, to: number, style?: Style): void {
    for (let x = from; x <= to; x++) this.#cells[x] = { glyph: CROSSINGS[this.#cells[x]?.glyph ?? ' '] ?? '─', style };
  }

  render(paint: Paint, translate: (glyph: string) => string): string {
    let text = '';
    let run = '';
    let style: Style | undefined;
    const flush = (): void => {
      text += style === undefined || run.trim() === '' ? run : paint(style, run);
      run = '';
    };
    const cells = Array.from(this.#cells, (cell): Cell => cell ?? { glyph: ' ' });
    while (cells.at(-1)?.glyph === ' ') cells.pop();
    for (const cell of cells) {
      if (cell.style !== style) flush();
      style = cell.style;
      run += translate(cell.glyph);
    }
    flush();
    return text;
  }
}
