import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Fault } from '../fault.js';
import { getNativePath } from '../native-package.js';
import { runTool } from '../run/spawn.js';
import type { Diagnostic } from './build.js';
import { createDiagnostic, type ReadSource } from './diagnostic.js';

const TIMEOUT_MS = 30_000;
const MAX_DIAGNOSTICS = 20;

const COMPILER_OPTIONS = {
  target: 'es2022',
  lib: ['es2023'],
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  strict: true,
  esModuleInterop: true,
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
};

/**
 * Checks the types of a submission's programs and all they import, with settings of ours: a tsconfig.json of the submission
 * is the student's editor's. `folder`: where the copy of the submission, `source`, lies.
 */
export async function checkTypes(
  entries: readonly string[],
  source: string,
  readSource: ReadSource,
): Promise<Diagnostic[]> {
  const settings = path.join(path.dirname(source), 'tsconfig.json');
  const types = getNativePath('dist/index.d.ts');
  if (!existsSync(types))
    throw new Fault('build-tool', `Expected the types of @ipclab/native in ${types}, found none. Run: npm run build`);
  const require = createRequire(import.meta.url);
  const compilerOptions = {
    ...COMPILER_OPTIONS,
    paths: { '@ipclab/native': [types] },
    typeRoots: [path.dirname(path.dirname(require.resolve('@types/node/package.json')))],
  };
  await writeFile(
    settings,
    JSON.stringify({ compilerOptions, files: entries.map((entry) => path.join(source, entry)) }),
  );

  // The compiler itself; the script in front of it takes as long again.
  const tsc = path.join(
    path.dirname(
      createRequire(require.resolve('typescript/package.json')).resolve(
        `@typescript/typescript-${process.platform}-${process.arch}/package.json`,
      ),
    ),
    'lib/tsc',
  );
  const { exitCode, timedOut, stdout, stderr } = await runTool(tsc, ['--project', settings, '--pretty', 'false'], {
    cwd: source,
    timeoutMs: TIMEOUT_MS,
  });
  if (timedOut) return [createLateWarning()];
  const found = parseMessages(stdout, readSource);
  if (exitCode === 0 || found.length > 0) return found.slice(0, MAX_DIAGNOSTICS);
  throw new Fault(
    'build-tool',
    `tsc: expected it to end with code 0 or messages, got ${exitCode ?? 'no code'}: ${(stdout + stderr).slice(0, 500)}`,
  );
}

function createLateWarning(): Diagnostic {
  const message = `Types could not be checked: it took longer than ${TIMEOUT_MS / 1000} s.`;
  return { kind: 'type', severity: 'warning', file: '', line: 0, column: 0, message, excerpt: '' };
}

/** Reads lines such as `src/a.ts(3,7): error TS2322: Type 'string' is …`, and the indented ones that go on with one. */
function parseMessages(text: string, readSource: ReadSource): Diagnostic[] {
  const found = text.matchAll(/^(\S.*)\((\d+),(\d+)\): (error|warning) (TS\d+): (.*(?:\n .*)*)$/gm);
  return [...found].map(([, file, line, column, severity, code, message]) =>
    createDiagnostic(
      {
        kind: /^TS1\d{3}$/.test(code!) ? 'syntax' : 'type',
        severity: severity as Diagnostic['severity'],
        file: file!,
        line: Number(line),
        column: Number(column),
        message: `${message} (${code})`,
      },
      readSource,
    ),
  );
}
