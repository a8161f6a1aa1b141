import { randomUUID } from 'node:crypto';
import { chmodSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';

/**
 * Removes a folder in which a student's program may have written: with folders that nobody may read, or nested more deeply
 * than a path can say. Follows no symbolic link. Throws what the system says if something is left.
 */
export function removeTree(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    removeStubborn(folder);
  }
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
