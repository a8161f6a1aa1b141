import { createHash } from 'node:crypto';
import { lchownSync, mkdirSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '../fault.js';
import { getNativePath } from '../native-package.js';
import { isRoot } from '../sandbox/rights.js';
import { STUDENT_ID } from '../sandbox/student.js';
import { createTemporaryFolder, removeTemporaryFolder } from '../sandbox/temporary.js';
import { checkExecutable, runBuildCommand } from './build-command.js';
import type { Build, Diagnostic, OneSource, RoleSource } from './build.js';
import { bundleRole, type Workshop } from './bundle-role.js';
import { type CachedBuild, getCacheFolder, loadCached, storeCached } from './cache.js';
import { checkTypes } from './check-types.js';
import { chooseLanguage } from './choose-language.js';
import { copySources, type Sources } from './copy-sources.js';
import { sortDiagnostics } from './diagnostic.js';

export interface BuildOptions {
  /** Where builds are kept from one time to the next; null: nowhere. Default: the user's cache folder. */
  cacheFolder?: string | null;
}

/**
 * Builds each role of a submission. Nothing is written into its folder; what is built is in a temporary one, which goes with
 * this process or by `removeBuild`. What is wrong with the submission is told in `diagnostics`; throws a Fault if a tool of ours fails.
 */
export async function buildSubmission(
  folder: string,
  sourcesOfRoles: Record<string, RoleSource>,
  options: BuildOptions = {},
): Promise<Build> {
  const home = createTemporaryFolder('build');
  const workshop: Workshop = {
    source: path.join(home, 'source'),
    bundles: path.join(home, 'bundles'),
    tools: path.join(home, 'tools'),
  };
  mkdirSync(workshop.source);
  mkdirSync(workshop.bundles);
  mkdirSync(workshop.tools);
  const roles: Record<string, OneSource> = Object.fromEntries(
    Object.entries(sourcesOfRoles).map(([name, role]) => [name, chooseLanguage(folder, role)]),
  );
  const hasCommands = Object.values(roles).some((role) => 'command' in role);
  const sources = await copySources(folder, workshop.source, hasCommands).catch((error: unknown) => {
    throw new Fault('folder', `Expected to be able to read the submission ${folder}: ${(error as Error).message}.`, {
      cause: error,
    });
  });
  const build: Build = {
    folder: path.resolve(folder),
    diagnostics: [],
    programs: {},
    bundles: [],
    readable: [workshop.bundles],
  };

  const entries = new Map<string, string>();
  for (const [role, source] of Object.entries(roles)) {
    if (!('entry' in source)) continue;
    const entry = path.normalize(source.entry);
    if (sources.files.has(entry)) entries.set(role, entry);
    else build.diagnostics.push(createMissing(role, entry, sources));
  }
  const made = await makeTypeScript(
    entries,
    workshop,
    sources,
    options.cacheFolder === undefined ? getCacheFolder() : options.cacheFolder,
  );
  build.diagnostics.push(...made.diagnostics);
  for (const { role } of made.bundles) {
    const bundlePath = path.join(workshop.bundles, `${role}.js`);
    build.programs[role] = { kind: 'typescript', bundle: build.bundles.length };
    build.bundles.push({ role, path: bundlePath, mapPath: `${bundlePath}.map` });
  }
  if (hasCommands) await makeExecutables(roles, workshop.source, build);
  else removeTemporaryFolder(workshop.source);
  build.diagnostics = sortDiagnostics(build.diagnostics);
  return build;
}

/** Removes what buildSubmission made. No engine may be using it. */
export function removeBuild(build: Pick<Build, 'readable'>): void {
  for (const folder of build.readable) removeTemporaryFolder(path.dirname(folder));
}

async function makeTypeScript(
  entries: ReadonlyMap<string, string>,
  workshop: Workshop,
  sources: Sources,
  cacheFolder: string | null,
): Promise<CachedBuild> {
  if (entries.size === 0) return { diagnostics: [], bundles: [] };
  const hash = createHash('sha256')
    .update(JSON.stringify([sources.hash, [...entries], await describeTools()]))
    .digest('hex');
  const cached = cacheFolder === null ? undefined : await loadCached(cacheFolder, hash);
  if (cached) {
    for (const { role, code, map } of cached.bundles) {
      await writeFile(path.join(workshop.bundles, `${role}.js`), code);
      await writeFile(path.join(workshop.bundles, `${role}.js.map`), map);
    }
    return cached;
  }
  const readSource = (file: string) => sources.files.get(path.normalize(file))?.toString();
  const [types, ...bundled] = await Promise.all([
    checkTypes([...entries.values()], workshop.source, readSource),
    ...[...entries].map(async ([role, entry]) => ({
      role,
      diagnostics: await bundleRole(role, entry, workshop, readSource),
    })),
  ]);
  const texts = bundled.flatMap(({ diagnostics }) => diagnostics);
  const built = bundled.filter(({ diagnostics }) => !diagnostics.some(({ severity }) => severity === 'error'));
  const made: CachedBuild = {
    diagnostics: [...texts, ...dropRepeated(types, texts)],
    bundles: await Promise.all(
      built.map(async ({ role }) => ({
        role,
        code: await readFile(path.join(workshop.bundles, `${role}.js`), 'utf8'),
        map: await readFile(path.join(workshop.bundles, `${role}.js.map`), 'utf8'),
      })),
    ),
  };
  if (cacheFolder !== null) await storeCached(cacheFolder, hash, made);
  return made;
}

/** The compiler reads a broken file too, and says the same in other words, and more that follows from it. */
function dropRepeated(types: readonly Diagnostic[], texts: readonly Diagnostic[]): Diagnostic[] {
  const errors = texts.filter(({ severity }) => severity === 'error');
  const broken = new Set(
    errors.filter(({ message }) => !message.startsWith('Could not resolve')).map(({ file }) => file),
  );
  const lines = new Set(errors.map(({ file, line }) => `${file}:${line}`));
  return types.filter(({ file, line }) => !broken.has(file) && !lines.has(`${file}:${line}`));
}

async function makeExecutables(roles: Record<string, OneSource>, source: string, build: Build): Promise<void> {
  if (isRoot()) giveTree(source);
  build.readable.push(source);
  // A Makefile often makes all programs at once; then one command is enough.
  const results = new Map<string, Diagnostic[]>();
  for (const [role, program] of Object.entries(roles)) {
    if (!('command' in program)) continue;
    const { command, build: made } = program;
    if (made !== undefined && !results.has(made)) results.set(made, await runBuildCommand(made, source));
    let diagnostics = (made === undefined ? undefined : results.get(made)) ?? [];
    if (diagnostics.length === 0) diagnostics = await checkExecutable(command, source);
    if (diagnostics.length === 0) build.programs[role] = { kind: 'executable', path: path.join(source, command) };
    build.diagnostics.push(...diagnostics);
  }
}

function giveTree(folder: string): void {
  lchownSync(folder, STUDENT_ID, STUDENT_ID);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory()) giveTree(name);
    else lchownSync(name, STUDENT_ID, STUDENT_ID);
  }
}

function createMissing(role: string, entry: string, { files, skipped, tooLarge }: Sources): Diagnostic {
  const elsewhere = [...files.keys()].find(
    (file) => file.endsWith(`/${entry}`) || file.toLowerCase() === entry.toLowerCase(),
  );
  const reason = skipped.has(entry)
    ? ': it is there, but as a link or too large; put the file itself there'
    : elsewhere
      ? `; there is ${elsewhere}`
      : tooLarge
        ? ': the submission is too large to be read wholly'
        : '';
  const message = `Expected the program of ${role} in ${entry}, found no such file${reason}`;
  return { kind: 'missing-file', severity: 'error', file: entry, line: 0, column: 0, message, excerpt: '' };
}

let tools: Promise<string> | undefined;

/** What a build depends on beside the submission: versions of the tools, the types that students compile against, and this stage's own code. */
function describeTools(): Promise<string> {
  const require = createRequire(import.meta.url);
  const version = async (name: string) =>
    (JSON.parse(await readFile(require.resolve(`${name}/package.json`), 'utf8')) as { version: string }).version;
  tools ??= Promise.all([
    version('esbuild'),
    version('typescript'),
    version('@types/node'),
    readTexts(getNativePath('dist'), '.d.ts'),
    readTexts(path.dirname(fileURLToPath(import.meta.url)), ''),
  ]).then((parts) => createHash('sha256').update(JSON.stringify(parts)).digest('hex'));
  return tools;
}

async function readTexts(folder: string, ending: string): Promise<string[]> {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return await Promise.all(names.toSorted().map(async (name) => await readFile(path.join(folder, name), 'utf8')));
}
