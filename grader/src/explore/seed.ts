import { createHash } from 'node:crypto';

/** An unsigned 32-bit number that depends on nothing but the parts: the same lab and seed draw the same on any machine. */
export function deriveSeed(...parts: (string | number)[]): number {
  return createHash('sha256').update(JSON.stringify(parts)).digest().readUInt32BE(0);
}

/** One of the items, each as likely (to within 2^-32 · length). */
export function draw<T>(items: readonly T[], seed: number): T | undefined {
  return items[Math.floor((seed / 2 ** 32) * items.length)];
}
