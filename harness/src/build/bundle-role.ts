import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';
import path from 'node:path';
import { Fault } from '../fault.js';
import { runTool } from '../run/spawn.js';
import type { Diagnostic } from './build.js';
import { createDiagnostic, type ReadSource } from './diagnostic.js';
import { findForeignImports, type Metafile } from './foreign-imports.js';

/** Where the building of one submission takes place; absolute. */
export interface Workshop {
  /** Copy of the submission. */
  source: string;
  bundles: string;
  /** For what only the tools need. */
  tools: string;
}

const TIMEOUT_MS = 30_000;
const NATIVE = '@ipclab/native';

const SETTINGS = [
  '--bundle',
  '--platform=node',
  // What every Node that we support understands.
  '--target=node20',
  '--charset=utf8',
  '--sourcemap=external',
  '--log-limit=20',
  '--color=false',
  // In place of any tsconfig.json that may lie around.
  '--tsconfig-raw={"compilerOptions":{"strict":true,"useDefineForClassFields":true}}',
  '--define:import.meta.url=__importMetaUrl',
  '--define:import.meta.filename=__filename',
  '--define:import.meta.dirname=__dirname',
];
const PROLOGUE = '"use strict"; var __importMetaUrl = require("node:url").pathToFileURL(__filename).href;';
const TOP_LEVEL_AWAIT = /^Top-level await is currently not supported/;

/**
 * Makes one CommonJS file of a role's TypeScript, beside it a source map whose `sources` are the submission's own paths.
 * Answers what is wrong with the text; with an error among it there is no bundle.
 */
export async function bundleRole(
  role: string,
  entry: string,
  workshop: Workshop,
  readSource: ReadSource,
): Promise<Diagnostic[]> {
  const plain = await runEsbuild(role, entry, workshop, [
    '--format=cjs',
    `--external:${NATIVE}`,
    `--banner:js=${PROLOGUE}`,
  ]);
  let found = parseMessages(plain, readSource);
  const errors = found.filter(isError);
  if (errors.length > 0 && errors.every(({ message }) => TOP_LEVEL_AWAIT.test(message)))
    found = parseMessages(await bundleAwaitingRole(role, entry, workshop), readSource);
  if (found.some(isError)) return found;
  await shortenSources(role, workshop);
  return [...found, ...(await listForeignImports(role, workshop, readSource))];
}

const isError = ({ severity }: Diagnostic): boolean => severity === 'error';

/**
 * CommonJS has no `await` outside of functions, so such a program becomes the body of an async function. An ES module's body
 * can be put there if it imports and exports nothing: what it would import is required by a module in between, and the entry
 * that exports is imported by one that does not.
 */
async function bundleAwaitingRole(role: string, entry: string, workshop: Workshop): Promise<string> {
  // A folder of its own: another role's files may be half written while esbuild reads this one's.
  const tools = path.join(workshop.tools, role);
  await mkdir(tools, { recursive: true });
  const start = path.join(tools, 'start.ts');
  await writeFile(start, `import ${JSON.stringify(path.join(workshop.source, entry))};`);
  const aliases = await Promise.all(
    [NATIVE, ...builtinModules.filter((name) => !name.startsWith('_'))].map(async (name) => {
      const file = path.join(tools, `${name.replaceAll(/\W/g, '-')}.cjs`);
      const specifier = name === NATIVE ? name : `node:${name}`;
      // Called by another name, require is left as it is.
      await writeFile(file, `const load = require; module.exports = load(${JSON.stringify(specifier)});`);
      return name === NATIVE
        ? [`--alias:${name}=${file}`]
        : [`--alias:${name}=${file}`, `--alias:node:${name}=${file}`];
    }),
  );
  return await runEsbuild(role, start, workshop, [
    '--format=esm',
    ...aliases.flat(),
    `--banner:js=${PROLOGUE} module.exports = (async () => {`,
    '--footer:js=})();',
  ]);
}

/** Answers what esbuild said; nothing if all is well. */
async function runEsbuild(
  role: string,
  entry: string,
  { source, bundles, tools }: Workshop,
  settings: readonly string[],
): Promise<string> {
  const esbuild = createRequire(import.meta.url).resolve('esbuild/bin/esbuild');
  const outfile = path.join(bundles, `${role}.js`);
  const outputs = [`--outfile=${outfile}`, `--metafile=${getMetafile(role, tools)}`];
  const args = [entry, ...SETTINGS, ...settings, '--log-level=warning', ...outputs];
  const { exitCode, stderr } = await runTool(esbuild, args, { cwd: source, timeoutMs: TIMEOUT_MS });
  if (exitCode === 0 || stderr.includes('[ERROR]')) return stderr;
  throw new Fault(
    'build-tool',
    `esbuild: expected it to end with code 0 or 1 and messages, got ${exitCode ?? 'no code'}: ${stderr.slice(0, 500)}`,
  );
}

const getMetafile = (role: string, tools: string): string => path.join(tools, `${role}.json`);

async function listForeignImports(
  role: string,
  { source, tools }: Workshop,
  readSource: ReadSource,
): Promise<Diagnostic[]> {
  const metafile = JSON.parse(await readFile(getMetafile(role, tools), 'utf8')) as Metafile;
  return findForeignImports(metafile, { source, tools }, readSource).map((found) =>
    createDiagnostic({ ...found, kind: 'syntax', severity: 'error', message: explain(found.message) }, readSource),
  );
}

/**
 * Reads esbuild's messages, which look like
 *
 *     ✘ [ERROR] Expected ")" but found ";"
 *
 *         src/server.ts:3:12:
 *           3 │ console.log(1;
 *             │             ^
 */
function parseMessages(text: string, readSource: ReadSource): Diagnostic[] {
  return text
    .split(/^(?=. \[(?:ERROR|WARNING)\] )/m)
    .filter((part) => /^. \[/.test(part))
    .map((part) => {
      const [, kind, message = ''] = /^. \[(\w+)\] ([^]*?)(?: \[[a-z-]+\])?\n(?:\n|$)/.exec(`${part}\n`) ?? [];
      const [, file = '', line = '0', bytes = '0'] = /^ {4}(\S.*):(\d+):(\d+):$/m.exec(part) ?? [];
      const marks = /^ +[│╵] +(~+|\^)$/m.exec(part)?.[1] ?? '^';
      const lineText = readSource(file)?.split('\n')[Number(line) - 1] ?? '';
      return createDiagnostic(
        {
          kind: 'syntax',
          severity: kind === 'ERROR' ? 'error' : 'warning',
          file,
          line: Number(line),
          // esbuild counts bytes from 0.
          column: line === '0' ? 0 : Buffer.from(lineText).subarray(0, Number(bytes)).toString().length + 1,
          length: marks.length,
          message: explain(message.trim()),
        },
        readSource,
      );
    });
}

function explain(message: string): string {
  const name = /^Could not resolve "(.*)"$/.exec(message)?.[1];
  if (name === undefined) return message;
  const hint = /^[./]/.test(name)
    ? 'there is no such file in the submission'
    : `a program may import its own files, Node's modules (with "node:") and ${NATIVE}`;
  return `${message}: ${hint}`;
}

async function shortenSources(role: string, { bundles, source }: Workshop): Promise<void> {
  const file = path.join(bundles, `${role}.js.map`);
  const map = JSON.parse(await readFile(file, 'utf8')) as { sources: string[] };
  map.sources = map.sources.map((name) => path.relative(source, path.resolve(bundles, name)));
  await writeFile(file, JSON.stringify(map));
}
