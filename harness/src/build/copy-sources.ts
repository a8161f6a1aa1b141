import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import path from 'node:path';

/** What of a submission is taken over. */
export interface Sources {
  /** Regular files that were copied: path in the submission → content. */
  files: Map<string, Buffer>;
  /** Names, of any kind, that were left where they are: symbolic links, other people's modules, what is too large. */
  skipped: Set<string>;
  /** Over the limits below? Then not all was copied. */
  tooLarge: boolean;
  /** Of the names and contents. */
  hash: string;
}

const MAX_FILES = 2000;
const MAX_BYTES = 32 * 1024 * 1024;
const CODE = /\.(?:[cm]?[jt]s|json)$/;
// What would change how a program is built, or is not the student's text.
const NEVER = /^(?:node_modules|\.git|tsconfig.*\.json|package(?:-lock)?\.json)$/;

/**
 * Copies a submission into `target`, so that nothing is ever written into it, and what is built is what was read. Of
 * TypeScript programs only their code is taken; for others (`everything`) every regular file.
 */
export async function copySources(folder: string, target: string, everything: boolean): Promise<Sources> {
  const sources: Sources = { files: new Map(), skipped: new Set(), tooLarge: false, hash: '' };
  const hash = createHash('sha256');
  let bytes = 0;

  async function copyFolder(relative: string): Promise<void> {
    const entries = await readdir(path.join(folder, relative), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = path.join(relative, entry.name);
      if (NEVER.test(entry.name) && !(everything && entry.name.endsWith('.json'))) continue;
      if (entry.isDirectory()) {
        // A submission above the temporary folder would be copied into itself for ever.
        if (`${target}/`.startsWith(`${path.resolve(folder, name)}/`)) continue;
        await mkdir(path.join(target, name));
        await copyFolder(name);
      } else if (!entry.isFile()) {
        sources.skipped.add(name);
      } else if (everything || CODE.test(entry.name)) {
        await copyFile(name);
      }
    }
  }

  async function copyFile(name: string): Promise<void> {
    const file = path.join(folder, name);
    const { size, mode } = await lstat(file);
    if (sources.files.size >= MAX_FILES || bytes + size > MAX_BYTES) {
      sources.tooLarge = true;
      sources.skipped.add(name);
      return;
    }
    // Between the listing and now it may have become a link or a pipe.
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const content = await handle.readFile().finally(() => handle.close());
    bytes += content.length;
    sources.files.set(name, content);
    hash.update(`${name}\0${mode & 0o111}\0${content.length}\0`).update(content);
    const copy = path.join(target, name);
    await writeFile(copy, content);
    if (mode & 0o111) await chmod(copy, 0o755);
  }

  await copyFolder('');
  sources.hash = hash.digest('hex');
  return sources;
}
