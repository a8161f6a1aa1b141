import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';

/**
 * Removes a folder in which a student's program may have written: with folders that nobody may read, or nested more deeply
 * than a path can say. Follows no symbolic link. Throws what the system says if something is left.
 */
export function removeTree(folder: string): void {
  try {
    removePlain(folder);
  } catch {
    if (existsSync(folder)) removeStubborn(folder);
  }
}

/** With half the calls that rmSync makes: it is done after each run. */
function removePlain(folder: string): void {
  for (const { path, isFolder } of listEntries(folder)) {
    if (isFolder) removePlain(path);
    else unlinkSync(path);
  }
  rmdirSync(folder);
}

/** Moves what is in a folder one level up before the folder goes, so that no path gets long. */
function removeStubborn(folder: string): void {
  const prefix = randomUUID();
  let moved = 0;
  chmodSync(folder, 0o700);
  for (let entries = listEntries(folder); entries.length > 0; entries = listEntries(folder)) {
    for (const { path, isFolder } of entries) {
      if (!isFolder) {
        unlinkSync(path);
        continue;
      }
      chmodSync(path, 0o700);
      for (const inner of listEntries(path)) {
        // Moving a folder changes its "..", which takes the right to write in it.
        if (inner.isFolder) chmodSync(inner.path, 0o700);
        renameSync(inner.path, `${folder}/${prefix}-${moved++}`);
      }
      rmdirSync(path);
    }
  }
  rmdirSync(folder);
}

function listEntries(folder: string): { path: string; isFolder: boolean }[] {
  return readdirSync(folder, { withFileTypes: true }).map((entry) => ({
    path: `${folder}/${entry.name}`,
    isFolder: entry.isDirectory(),
  }));
}
