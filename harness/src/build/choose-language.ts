import { existsSync } from 'node:fs';
import path from 'node:path';
import type { OneSource, RoleSource } from './build.js';

/**
 * Which of its two languages a role is written in: TypeScript, unless the submission lacks that file and has a Makefile (or,
 * of a role that needs no building, the executable).
 */
export function chooseLanguage(folder: string, role: RoleSource): OneSource {
  if (!('entry' in role) || !('command' in role)) return role;
  const { entry, command, build } = role;
  const has = (name: string): boolean => existsSync(path.join(folder, name));
  const isC = !has(entry) && has(build === undefined ? command : 'Makefile');
  return isC ? { command, build } : { entry };
}
