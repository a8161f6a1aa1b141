import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TOOL_VERSION } from '../explore/fingerprint.js';
import { CERTIFICATE } from '../lab/certificate.js';
import { findLab, listLabs } from '../lab/find-lab.js';
import { loadLab } from '../lab/load-lab.js';
import { renderSuggestion } from '../lab/suggest.js';
import { RULES } from '../rules/index.js';
import { UsageError } from './render-problem.js';

// What is for staff, or is made anew, never comes into a student's folder.
const LEFT_OUT = new Set(['.staff', 'node_modules', 'dist', 'package.json', 'lab.yaml', CERTIFICATE]);
const KIT = fileURLToPath(new URL('../../kit', import.meta.url));
/** Files of the kit whose names begin with a dot in the student's folder. */
const DOTTED = ['gitignore', 'gitlab-ci.yml', 'vscode', 'devcontainer', 'github'];

export interface InitFlags {
  /** Folder with the packages as made by `npm pack`, to install from instead of the registry. */
  packages?: string;
}

/** Makes a student's folder of a lab: handout, skeleton, tests, settings. Answers the exit code. */
export function init(labName: string, folder: string | undefined, { packages }: InitFlags): number {
  const places = { labs: process.env['IPCLAB_LABS'], home: import.meta.dirname };
  let source: string;
  try {
    source = findLab('.', { lab: labName, ...places });
  } catch (cause) {
    const known = listLabs(places);
    throw new UsageError(
      `Expected a lab, got ${labName}${renderSuggestion(labName, known)}. Labs: ${known.join(', ')}.`,
      { cause },
    );
  }
  const lab = loadLab(source, RULES);
  const target = path.resolve(folder ?? lab.id);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new UsageError(`Expected a new or empty folder, but there is something in ${target}.`);

  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(source))
    if (!LEFT_OUT.has(name)) cpSync(path.join(source, name), path.join(target, name), { recursive: true });
  cpSync(KIT, target, { recursive: true, filter: (from) => path.basename(from) !== 'lab.schema.json' });
  for (const name of DOTTED) renameSync(path.join(target, name), path.join(target, `.${name}`));
  // A lab that comes with this package is found by its id; any other comes along.
  const isShipped = listLabs({ home: places.home }).includes(lab.id) && !existsSync(path.join(labName, 'lab.yaml'));
  if (!isShipped) {
    cpSync(path.join(source, 'lab.yaml'), path.join(target, 'lab.yaml'));
    const certificate = path.join(source, '.staff', CERTIFICATE);
    if (existsSync(certificate)) cpSync(certificate, path.join(target, CERTIFICATE));
  }
  const content = createPackage(source, target, isShipped ? lab.id : undefined, packages);
  writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(content, null, 2)}\n`);

  const place = path.relative('', target) || '.';
  process.stdout.write(`${lab.id}: ${lab.title}

Made ${place}. Now:

  cd ${place}
  npm install          once
  npx ipclab doctor    can this machine run it?

Then read README.md, write in src/, and:

  npm start            run the programs, as a person would
  npm test             what holds already, and what does not
  npm run play         be the scheduler: say who moves next
`);
  return 0;
}

function createPackage(source: string, target: string, lab: string | undefined, packages: string | undefined): unknown {
  const { scripts, jest } = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8')) as {
    scripts?: Record<string, string>;
    jest?: unknown;
  };
  const name = path
    .basename(target)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '');
  const ownPackages = ['ipclab', '@ipclab/harness', '@ipclab/native'];
  const fromFolder = (own: string): string =>
    `file:${path.resolve(packages!, `${own.replace('@', '').replace('/', '-')}-${TOOL_VERSION}.tgz`)}`;
  const versions = packages
    ? Object.fromEntries(ownPackages.map((own) => [own, fromFolder(own)]))
    : { ipclab: TOOL_VERSION, '@ipclab/native': TOOL_VERSION };
  return {
    name: name || 'lab',
    private: true,
    scripts: {
      ...scripts,
      watch: 'jest --watchAll',
      start: 'ipclab start',
      play: 'ipclab play',
      grade: 'ipclab grade .',
    },
    jest,
    ...(lab === undefined ? {} : { ipclab: { lab } }),
    devDependencies: { ...versions, jest: '^30.0.0' },
  };
}
