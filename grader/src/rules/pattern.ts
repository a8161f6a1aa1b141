import { escapePattern } from '../model/text.js';

const isPattern = (wanted: string): boolean => wanted.length > 1 && wanted.startsWith('/') && wanted.endsWith('/');
const createPattern = (wanted: string): RegExp => new RegExp(`^(?:${wanted.slice(1, -1)})$`, 'u');

/** A line as a lab writes it: exact text, or `/a regular expression/` for the whole line. */
export const linePattern = { isPattern, isMatch, isUsable };

function isMatch(wanted: string, text: string): boolean {
  return isPattern(wanted) ? createPattern(wanted).test(text) : wanted === text;
}

function isUsable(wanted: string): boolean {
  try {
    return !isPattern(wanted) || createPattern(wanted) instanceof RegExp;
  } catch {
    return false;
  }
}

/** A line with numbers in it: `sent {n}`. Each name in braces stands for a whole number. */
export const numberedLine = { getNames, isMatch: isMatchOfNumbers, readNumbers, fill };

const NAME = /\{([a-z][a-z0-9-]*)\}/;
/** Text, name, text, name, … text. */
const split = (wanted: string): string[] => wanted.split(NAME);

function getNames(wanted: string): string[] {
  return split(wanted).filter((_, index) => index % 2 === 1);
}

/** The numbers of a line, in the order of their names; null if it is another line. */
function readNumbers(wanted: string, text: string): number[] | null {
  const parts = split(wanted).map((part, index) => (index % 2 === 1 ? String.raw`(\d+)` : escapePattern(part)));
  return new RegExp(`^${parts.join('')}$`, 'u').exec(text)?.slice(1).map(Number) ?? null;
}

/** Is it that line, with one number for each name, wherever it stands? */
function isMatchOfNumbers(wanted: string, text: string): boolean {
  const names = getNames(wanted);
  const numbers = readNumbers(wanted, text);
  return numbers !== null && numbers.every((number, index) => number === numbers[names.indexOf(names[index]!)]);
}

/** The line with these numbers. */
function fill(wanted: string, numbers: readonly number[]): string {
  return split(wanted)
    .map((part, index) => (index % 2 === 1 ? String(numbers[(index - 1) / 2]) : part))
    .join('');
}
