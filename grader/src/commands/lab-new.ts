import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOOL_VERSION } from '../explore/fingerprint.js';
import { UsageError } from './render-problem.js';

const SCAFFOLD = fileURLToPath(new URL('../../scaffold', import.meta.url));
const SCAFFOLD_ID = 'my-lab';

/** Makes a small lab that is whole: an author changes it part by part, and it is right from the first minute. Answers the exit code. */
export function labNew(folder: string): number {
  const target = path.resolve(folder);
  const id = path.basename(target);
  if (!/^[a-z0-9][a-z0-9-]*$/.test(id))
    throw new UsageError(`Expected a folder named as the lab's id: small letters, digits and dashes, got ${id}.`);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new UsageError(`Expected a new or empty folder, but there is something in ${target}.`);

  mkdirSync(target, { recursive: true });
  cpSync(SCAFFOLD, target, { recursive: true });
  renameSync(path.join(target, 'staff'), path.join(target, '.staff'));
  const labFile = path.join(target, 'lab.yaml');
  writeFileSync(labFile, readFileSync(labFile, 'utf8').replace(`lab: ${SCAFFOLD_ID}`, `lab: ${id}`));
  const packageFile = path.join(target, 'package.json');
  const content = JSON.parse(readFileSync(packageFile, 'utf8')) as object;
  const devDependencies = { ipclab: TOOL_VERSION, '@ipclab/native': TOOL_VERSION, jest: '^30.0.0' };
  writeFileSync(
    packageFile,
    `${JSON.stringify({ ...content, name: id, ipclab: { lab: id }, devDependencies }, null, 2)}\n`,
  );

  const place = path.relative('', target) || '.';
  process.stdout.write(`Made ${place}, a small lab that is whole:

  README.md, lab.yaml, src/    what students get: handout, rules and points, skeleton
  .staff/                      a solution, a trap, three mutants, notes

Change it part by part, and have it checked:

  npx ipclab lab check ${place} --seeds 3 --runs 30
`);
  return 0;
}
