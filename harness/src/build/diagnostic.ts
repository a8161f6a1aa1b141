import type { Diagnostic } from './build.js';

/** The text of a file of the submission, or undefined if it has none of that name. */
export type ReadSource = (file: string) => string | undefined;

type Found = Omit<Diagnostic, 'excerpt' | 'column'> & {
  /** From 1. */
  column: number;
  /** How many characters from there on are meant; 1 if not known. */
  length?: number;
};

const MAX_WIDTH = 100;

export function createDiagnostic({ length = 1, ...found }: Found, readSource: ReadSource): Diagnostic {
  return { ...found, excerpt: renderExcerpt(readSource(found.file), found.line, found.column, length) };
}

/** One diagnostic a place and message, in the order of the text. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(
    diagnostics.map((each) => [JSON.stringify([each.file, each.line, each.column, each.message]), each]),
  );
  return [...unique.values()].toSorted((a, b) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1,
  );
}

/** The line, and marks under the place. A very long line is cut on both sides. */
export function renderExcerpt(source: string | undefined, line: number, column: number, length: number): string {
  const whole = source?.split(/\r?\n/)[line - 1];
  if (whole === undefined || column < 1) return '';
  const from = whole.length > MAX_WIDTH ? Math.max(0, column - 1 - MAX_WIDTH / 2) : 0;
  const text = whole.slice(from, from + MAX_WIDTH);
  const before = text.slice(0, column - 1 - from).replaceAll(/[^\t]/g, ' ');
  const marks = '^'.repeat(Math.max(1, Math.min(length, text.length - before.length)));
  const margin = ' '.repeat(String(line).length);
  return `${line} | ${text}\n${margin} | ${before}${marks}`;
}
