import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Diagnostic } from './build.js';

/** What is kept of a build: a function of the submission's text and of our tools, and of nothing else. */
export interface CachedBuild {
  diagnostics: Diagnostic[];
  bundles: { role: string; code: string; map: string }[];
}

const MAX_ENTRIES = 400;
const VERSION = 1;

export function getCacheFolder(): string {
  return path.join(process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'ipclab', `builds-${VERSION}`);
}

export async function loadCached(folder: string, hash: string): Promise<CachedBuild | undefined> {
  try {
    return JSON.parse(await readFile(path.join(folder, `${hash}.json`), 'utf8')) as CachedBuild;
  } catch {
    return undefined;
  }
}

/** Where it cannot be written, each build is made anew; that is no fault. */
export async function storeCached(folder: string, hash: string, build: CachedBuild): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = path.join(folder, `${hash}.json`);
    // Others may be writing the same.
    const unfinished = `${file}.${randomBytes(4).toString('hex')}`;
    await writeFile(unfinished, JSON.stringify(build));
    await rename(unfinished, file);
    await dropOldest(folder);
  } catch {
    return;
  }
}

async function dropOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MAX_ENTRIES) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(path.join(folder, name))).mtimeMs })),
  );
  const oldest = aged.toSorted((a, b) => a.time - b.time).slice(0, MAX_ENTRIES / 4);
  await Promise.all(oldest.map(({ name }) => rm(path.join(folder, name), { force: true })));
}
