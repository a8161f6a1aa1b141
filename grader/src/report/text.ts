/** Columns of a report. */
export const WIDTH = 80;

// Controls (Cc), and what turns the direction of text around or hides it (Cf, line and paragraph separators).
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A student's text, made harmless: what a terminal would act on is written as an escape. */
export const showText = (text: string): string =>
  text.replaceAll(UNSEEN, (letter) => `\\u${letter.codePointAt(0)!.toString(16).padStart(4, '0')}`);

/** In quotes, at most `limit` characters of it. */
export function quoteText(text: string, limit = 48): string {
  const letters = Array.from(text);
  const cut = letters.length > limit ? `${letters.slice(0, limit - 1).join('')}…` : text;
  return `"${showText(cut.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r'))}"`;
}

/** Breaks a text at spaces; every line but the first is indented by `indent` columns, and none is longer than `width`. */
export function wrapText(text: string, indent: number, width = WIDTH): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
