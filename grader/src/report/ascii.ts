/** Of what a picture is drawn: each sign takes one column, and so does what stands for it. */
const SIGNS: Readonly<Record<string, string>> = {
  '┃': '|',
  '┊': ':',
  '│': '|',
  '─': '-',
  '╂': '+',
  '┼': '+',
  '┬': '+',
  '┴': '+',
  '┳': '+',
  '┻': '+',
  '╭': '.',
  '╮': '.',
  '╰': "'",
  '╯': "'",
  '▶': '>',
  '◀': '<',
  '▷': '>',
  '●': '*',
  '✗': 'X',
};
const WORDS: Readonly<Record<string, string>> = { '≤': '<=', '…': '...', '⚡': '!', '✗': 'X', '◀': '<' };

export const translateSign = (glyph: string): string => SIGNS[glyph] ?? glyph;

/** A text in ASCII; what has no likeness there is written as an escape. */
export const toAscii = (text: string): string =>
  text.replaceAll(
    /[^\x20-\x7E]/gu,
    (letter) => WORDS[letter] ?? `\\u${letter.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
