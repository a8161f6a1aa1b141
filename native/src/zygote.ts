/**
 * The zygote: `node --single-threaded --v8-pool-size=0 zygote.js BUNDLE…`
 *
 * A warm process of one submission. It has loaded the addon and compiled every bundle, but evaluated none; for each role of
 * each run it forks itself, which costs about a millisecond where a Node start costs forty. It runs with the engine's rights;
 * a child gives them up in `begin()`, before the first statement of the student's code.
 *
 * It forks from a loop that never returns to the event loop and never touches stdin. What programs use is used once beforehand
 * (warm-up.ts), because each child would pay for it again.
 */
import { readFileSync, writeSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import * as studentsApi from './index.js';
import { loadSupervisor } from './load-supervisor.js';
import { type FileModule, notePlaces, type NotedModules } from './note-places.js';
import { installSourceMaps } from './source-maps.js';
import { warmUp } from './warm-up.js';

type Compiled = (exports: unknown, require: NodeJS.Require, module: object, file: string, folder: string) => void;

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];
const supervisor = loadSupervisor();
const files = process.argv.slice(2);
/** In a run that is to know from where in the source calls are made. */
let noted: NotedModules | undefined;

function compileBundle(file: string): Compiled {
  return vm.compileFunction(readFileSync(file, 'utf8'), PARAMETERS, { filename: file }) as Compiled;
}

/** Waits for requests; returns, in the child, the one that it is to carry out. */
function forkOnRequest(): NonNullable<ReturnType<typeof supervisor.receive>> {
  for (;;) {
    const request = supervisor.receive();
    if (request === null) process.exit(0);
    const pid = studentsApi.fork();
    if (pid === 0) return request;
    supervisor.answer(pid);
  }
}

const isFileModule = (name: string): name is FileModule => name === 'fs' || name === 'fs/promises';

function createRequireOf(file: string, module: object): NodeJS.Require {
  const ofFile = createRequire(file);
  const require = ((name: string) => {
    if (name === '@ipclab/native') return noted?.api ?? studentsApi;
    const plain = name.replace(/^node:/, '');
    if (noted && isFileModule(plain)) return noted.noteFiles(plain, ofFile);
    if (isBuiltin(name)) return ofFile(name) as unknown;
    throw Object.assign(
      new Error(`Cannot find module '${name}': a program of a lab uses Node's own modules and @ipclab/native`),
      {
        code: 'MODULE_NOT_FOUND',
      },
    );
  }) as NodeJS.Require;
  require.main = module as NodeJS.Module;
  return require;
}

async function main(): Promise<void> {
  const scratch = supervisor.openScratchOutput();
  const compiled = files.map(compileBundle);
  await warmUp(scratch, supervisor.leaveIpc());
  supervisor.announce();
  const request = forkOnRequest();

  const file = files[request.bundle]!;
  supervisor.begin();
  process.chdir(request.folder);
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const entry of request.env)
    process.env[entry.slice(0, entry.indexOf('='))] = entry.slice(entry.indexOf('=') + 1);
  process.argv = [process.execPath, file, ...request.args];
  if (supervisor.isTerminal(1)) Object.assign(process.stdout, { isTTY: true, columns: 80, rows: 24 });
  const findPlace = installSourceMaps(files);
  if (request.places) noted = notePlaces(studentsApi, findPlace, (text) => supervisor.writeBoard(text));
  const module = {
    exports: {},
    id: '.',
    filename: file,
    path: path.dirname(file),
    loaded: false,
    children: [],
    paths: [],
  };
  compiled[request.bundle]!.call(
    module.exports,
    module.exports,
    createRequireOf(file, module),
    module,
    file,
    path.dirname(file),
  );
}

main().catch((error: unknown) => {
  // In a child it is the student's error and goes the way of every uncaught one.
  if (supervisor.isChild()) throw error;
  writeSync(
    supervisor.realStderr(),
    `zygote: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(2);
});
