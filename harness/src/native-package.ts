import { createRequire } from 'node:module';
import path from 'node:path';

const folder = path.dirname(path.dirname(createRequire(import.meta.url).resolve('@ipclab/native')));

/** Absolute path of a file of the package @ipclab/native, such as `dist/engine.js`. */
export function getNativePath(relative: string): string {
  return path.join(folder, relative);
}
