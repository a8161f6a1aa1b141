import path from 'node:path';
import type { ReadSource } from './diagnostic.js';

/** Of esbuild's metafile, what is read: each file of a bundle, relative to the working folder, and what it imports. */
export interface Metafile {
  inputs: Record<string, { imports: { path: string; original?: string; external?: boolean }[] }>;
}

export interface ForeignImport {
  file: string;
  /** From 1, both. */
  line: number;
  column: number;
  length: number;
  message: string;
}

/**
 * What a submission's files import by a path that leads elsewhere on this machine: another's submission, or a solution, would become
 * part of its program. `source`: the working folder; what lies in `tools` is ours.
 */
export function findForeignImports(
  { inputs }: Metafile,
  { source, tools }: { source: string; tools: string },
  readSource: ReadSource,
): ForeignImport[] {
  const isIn = (folder: string, file: string): boolean =>
    path.resolve(source, file).startsWith(`${path.resolve(folder)}${path.sep}`);
  return Object.entries(inputs)
    .filter(([file]) => isIn(source, file))
    .flatMap(([file, { imports }]) =>
      imports
        .filter(({ external, path: to }) => external !== true && !isIn(source, to) && !isIn(tools, to))
        .map(({ path: to, original = to }) => ({
          file,
          ...findPlace(readSource(file) ?? '', original),
          message: `Could not resolve "${original}"`,
        })),
    );
}

/** Where a name stands in quotes; esbuild tells what is imported, and not where. */
function findPlace(text: string, name: string): { line: number; column: number; length: number } {
  const at = ['"', "'", '`'].map((quote) => text.indexOf(quote + name + quote)).find((index) => index >= 0) ?? 0;
  const before = text.slice(0, at).split(/\r?\n/);
  return { line: before.length, column: before.at(-1)!.length + 1, length: name.length + 2 };
}
