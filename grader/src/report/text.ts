/** Columns of a report. */
export const WIDTH = 80;

// Two columns each: East Asian scripts and pictures; none: marks that sit on the letter before them (UAX #11).
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303F\uFF01-\uFF60\p{Emoji_Presentation}]/u;
const MARK = /\p{M}/u;

const columnsOf = (letter: string): number => (MARK.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1);

/** Columns that a text takes on a terminal. */
export const measureText = (text: string): number =>
  Array.from(text).reduce((columns, letter) => columns + columnsOf(letter), 0);

/** Each letter with the columns that it takes. */
export const splitLetters = (text: string): { letter: string; columns: number }[] =>
  Array.from(text, (letter) => ({ letter, columns: columnsOf(letter) }));

/** A word in pieces that fit. */
function breakWord(word: string, width: number): string[] {
  if (measureText(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  let columns = 0;
  for (const letter of Array.from(word)) {
    if (columns + columnsOf(letter) > width) {
      pieces.push(piece);
      piece = '';
      columns = 0;
    }
    piece += letter;
    columns += columnsOf(letter);
  }
  return [...pieces, piece];
}

/** Breaks a text at spaces; every line but the first is indented by `indent` columns, and none is longer than `width`. */
export function wrapText(text: string, indent: number, width = WIDTH): string {
  const lines: string[] = [];
  let line = '';
  const words = text
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((word) => breakWord(word, width - indent));
  for (const word of words) {
    if (line !== '' && indent + measureText(line) + 1 + measureText(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
