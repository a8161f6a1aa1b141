import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import type { Build, RoleSource } from '../../src/build/build.js';
import { buildSubmission, removeBuild } from '../../src/build/build-submission.js';
import { removeTemporaryRoot } from '../../src/sandbox/temporary.js';
import { listProcesses } from '../list-processes.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'build-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  removeTemporaryRoot();
});

const write = (files: Record<string, string>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
};
const build = (roles: Record<string, RoleSource>, cacheFolder: string | null = null): Promise<Build> =>
  buildSubmission(folder, roles, { cacheFolder });
const server = { server: { entry: 'src/server.ts' } };

/** Runs a bundle as the zygote does, and answers what it printed. */
async function run(built: Build, role: string): Promise<unknown[]> {
  const file = built.bundles.find((bundle) => bundle.role === role)!.path;
  const printed: unknown[] = [];
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname', 'console'];
  const body = vm.compileFunction(readFileSync(file, 'utf8'), parameters, { filename: file });
  const module = { exports: {} as unknown };
  const modules: Record<string, unknown> = {
    '@ipclab/native': { msgget: () => 7 },
    'node:url': { pathToFileURL: () => ({ href: 'file:///x' }) },
    'node:path': path,
    path,
  };
  const require = (name: string): unknown => modules[name];
  body.call(module.exports, module.exports, require, module, file, '/folder', {
    log: (...values: unknown[]) => printed.push(...values),
  });
  await module.exports;
  return printed;
}

test('each role becomes one file that runs, and a map that names the files of the submission', async () => {
  write({
    'src/server.ts': `import { msgget } from '@ipclab/native';\nimport { join } from 'node:path';\nimport { one } from './one.js';\nenum E { A = 3 }\nconsole.log(join('a', 'b'), one(), msgget(1, 2), E.A, import.meta.url, import.meta.dirname);`,
    'src/one.ts': 'export const one = (): number => 1;',
    'src/client.ts': `import * as path from 'path';\nimport data from './data.json';\nconsole.log(path.basename('/x/y'), data.n);`,
    'src/data.json': '{ "n": 5 }',
  });
  const built = await build({ ...server, client: { entry: 'src/client.ts' } });
  expect(built.diagnostics).toEqual([]);
  expect(built.programs).toEqual({
    server: { kind: 'typescript', bundle: 0 },
    client: { kind: 'typescript', bundle: 1 },
  });
  expect(await run(built, 'server')).toEqual(['a/b', 1, 7, 3, 'file:///x', '/folder']);
  expect(await run(built, 'client')).toEqual(['y', 5]);
  expect(JSON.parse(readFileSync(built.bundles[0]!.mapPath, 'utf8'))).toMatchObject({
    sources: ['src/server.ts', 'src/one.ts'],
  });
  expect(built.readable).toEqual([path.dirname(built.bundles[0]!.path)]);
});

test('a program may wait at its top level, and then fails or ends as its promise does', async () => {
  write({
    'src/server.ts': `import { msgget } from '@ipclab/native';\nimport path, { join } from 'node:path';\nconst two = await Promise.resolve(2);\nexport const id = msgget(1, two);\nconsole.log(join('a', 'b'), path.sep, id, two);`,
    'src/client.ts': `import './late.js';\nconsole.log('client');`,
    'src/late.ts': `await null;\nthrow new Error('late');`,
  });
  const built = await build({ ...server, client: { entry: 'src/client.ts' } });
  expect(built.diagnostics).toEqual([]);
  expect(await run(built, 'server')).toEqual(['a/b', '/', 7, 2]);
  await expect(run(built, 'client')).rejects.toThrow('late');
});

test('many programs that wait at their top level are built side by side', async () => {
  write({
    'src/server.ts': `import { msgget } from '@ipclab/native';\nconsole.log(msgget(1, await Promise.resolve(2)));`,
  });
  const roles = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const built = await build(Object.fromEntries(roles.map((role) => [role, { entry: 'src/server.ts' }])));
  expect(built.diagnostics).toEqual([]);
  for (const role of roles) expect(await run(built, role)).toEqual([7]);
});

test('a type error is told with its place, and the program runs all the same', async () => {
  write({
    'src/server.ts': `import { msgget } from '@ipclab/native';\n\n\tconst id: string = msgget('ü', 0);\nconsole.log(id);`,
  });
  const built = await build(server);
  expect(built.diagnostics).toEqual([
    {
      kind: 'type',
      severity: 'error',
      file: 'src/server.ts',
      line: 3,
      column: 8,
      message: "Type 'number' is not assignable to type 'string'. (TS2322)",
      excerpt: "3 | \tconst id: string = msgget('ü', 0);\n  | \t      ^",
    },
    {
      kind: 'type',
      severity: 'error',
      file: 'src/server.ts',
      line: 3,
      column: 28,
      message: "Argument of type 'string' is not assignable to parameter of type 'number'. (TS2345)",
      excerpt: "3 | \tconst id: string = msgget('ü', 0);\n  | \t                          ^",
    },
  ]);
  expect(await run(built, 'server')).toEqual([7]);
});

test('a syntax error is told once, in the right column, and spares the other role', async () => {
  write({
    'src/server.ts': `const name = 'é'; console.log(name;\nconst x: number = '';`,
    'src/client.ts': `console.log('fine');`,
  });
  const built = await build({ ...server, client: { entry: 'src/client.ts' } });
  expect(built.diagnostics).toEqual([
    {
      kind: 'syntax',
      severity: 'error',
      file: 'src/server.ts',
      line: 1,
      column: 35,
      message: 'Expected ")" but found ";"',
      excerpt: `1 | const name = 'é'; console.log(name;\n  |                                   ^`,
    },
  ]);
  expect(built.programs).toEqual({ client: { kind: 'typescript', bundle: 0 } });
});

test('a broken file that both roles import is told once', async () => {
  write({ 'src/server.ts': `import './both.js';`, 'src/client.ts': `import './both.js';`, 'src/both.ts': 'let 1;' });
  const built = await build({ ...server, client: { entry: 'src/client.ts' } });
  expect(built.diagnostics.map(({ file, line, column, kind }) => [file, line, column, kind])).toEqual([
    ['src/both.ts', 1, 5, 'syntax'],
  ]);
  expect(built.programs).toEqual({});
});

test('an import that leads nowhere, or out of the submission, is told once', async () => {
  writeFileSync(path.join(tmpdir(), 'build-test-outside.ts'), 'export const secret = 1;');
  write({
    'src/server.ts': `import '../../build-test-outside.js';\nimport { a } from './nope.js';\nimport express from 'express';\nconsole.log(a, express);`,
  });
  const built = await build(server);
  rmSync(path.join(tmpdir(), 'build-test-outside.ts'));
  expect(built.diagnostics.map(({ line, message }) => `${line}: ${message}`)).toEqual([
    '1: Could not resolve "../../build-test-outside.js": there is no such file in the submission',
    '2: Could not resolve "./nope.js": there is no such file in the submission',
    '3: Could not resolve "express": a program may import its own files, Node\'s modules (with "node:") and @ipclab/native',
  ]);
});

test("what lies elsewhere on the machine, another's solution say, is no part of a submission", async () => {
  const others = mkdtempSync(path.join(tmpdir(), 'build-test-others-'));
  writeFileSync(path.join(others, 'solution.ts'), `import './help.js';\nexport const answer: number = 42;`);
  writeFileSync(path.join(others, 'help.ts'), 'export {};');
  write({
    'src/server.ts': `import { answer } from './own.js';\nconsole.log(answer);`,
    'src/own.ts': `// theirs\nexport * from '${others}/solution.js';`,
    // Top-level await is built in another way.
    'src/client.ts': `const { answer } = await import("${others}/solution.js");\nconsole.log(answer);`,
  });
  const built = await build({ ...server, client: { entry: 'src/client.ts' } });
  rmSync(others, { recursive: true });
  expect(built.programs).toEqual({});
  expect(built.diagnostics.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`)).toEqual([
    `src/client.ts:1:33 Could not resolve "${others}/solution.js": there is no such file in the submission`,
    `src/own.ts:2:15 Could not resolve "${others}/solution.js": there is no such file in the submission`,
  ]);
});

test('a missing program is told by role, with what may have been meant', async () => {
  write({ 'hw/src/server.ts': '', 'src/Client.ts': '' });
  symlinkSync('/etc/passwd', path.join(folder, 'src/daemon.ts'));
  const built = await build({ ...server, client: { entry: 'src/client.ts' }, daemon: { entry: 'src/daemon.ts' } });
  expect(built.programs).toEqual({});
  expect(built.diagnostics.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
    'missing-file: Expected the program of client in src/client.ts, found no such file; there is src/Client.ts',
    'missing-file: Expected the program of daemon in src/daemon.ts, found no such file: it is there, but as a link or too large; put the file itself there',
    'missing-file: Expected the program of server in src/server.ts, found no such file; there is hw/src/server.ts',
  ]);
});

test("the submission's own settings, modules and scripts change nothing", async () => {
  write({
    'tsconfig.json':
      '{ "compilerOptions": { "strict": false, "paths": { "node:path": ["./evil.ts"] } }, "extends": "/etc/passwd" }',
    'package.json': '{ "type": "commonjs", "scripts": { "install": "touch HERE" }, "imports": { "#x": "./x.js" } }',
    'node_modules/express/index.js': 'module.exports = 1;',
    'src/server.ts': `import { sep } from 'node:path';\nconst f = (x) => x;\nconsole.log(sep, f);`,
  });
  const before = readdirSync(folder, { recursive: true });
  const built = await build(server);
  expect(built.diagnostics.map(({ line, message }) => `${line}: ${message}`)).toEqual([
    "2: Parameter 'x' implicitly has an 'any' type. (TS7006)",
  ]);
  expect(readdirSync(folder, { recursive: true })).toEqual(before);
});

test('the same text is built once; another text, another role, or another name is built anew', async () => {
  const cache = `${folder}-cache`;
  write({ 'src/server.ts': 'const x: string = 1;\nconsole.log(x);' });
  const first = await build(server, cache);
  const [name] = readdirSync(cache);
  const file = path.join(cache, name!);
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { bundles: { code: string }[] };
  kept.bundles[0]!.code = `console.log('kept');`;
  writeFileSync(file, JSON.stringify(kept));

  const second = await build(server, cache);
  expect(await run(second, 'server')).toEqual(['kept']);
  expect(second.diagnostics).toEqual(first.diagnostics);
  expect(await run(await build({ other: { entry: 'src/server.ts' } }, cache), 'other')).toEqual([1]);
  write({ 'src/server.ts': 'const x: string = 2;\nconsole.log(x);' });
  expect(await run(await build(server, cache), 'server')).toEqual([2]);
  rmSync(cache, { recursive: true });
});

test('an executable is built in a copy, with what the command said when it failed', async () => {
  write({
    Makefile: 'all:\n\tgcc -o server server.c\n\ttouch made\n',
    'server.c': 'int main(void) { return 0; }',
  });
  const roles = {
    server: { command: './server', build: 'make -s' },
    client: { command: './client', build: 'make -s' },
  };
  const built = await build(roles);
  expect(built.programs).toEqual({ server: { kind: 'executable', path: path.join(built.readable[1]!, 'server') } });
  expect(statSync(path.join(built.readable[1]!, 'server')).mode & 0o111).toBe(0o111);
  expect(built.diagnostics.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
    'missing-file: Expected the executable ./client, found none',
  ]);
  expect(readdirSync(folder).toSorted()).toEqual(['Makefile', 'server.c']);

  write({ 'server.c': 'int main(void) { return 0 }' });
  const failed = await build(roles);
  expect(failed.programs).toEqual({});
  expect(failed.diagnostics[0]).toMatchObject({
    kind: 'command',
    message: 'Expected `make -s` to build the program; it ended with exit code 2',
  });
  expect(failed.diagnostics[0]!.excerpt).toMatch(/server\.c:1:2\d: error: expected .;. before/);
});

test('a role in either of two languages is built from what the submission has', async () => {
  const either = { server: { entry: 'src/server.ts', command: './server', build: 'make -s' } };
  expect((await build(either)).diagnostics.map(({ message }) => message)).toEqual([
    'Expected the program of server in src/server.ts, found no such file',
  ]);
  write({ Makefile: 'server:\n\techo > server; chmod +x server\n' });
  expect((await build(either)).programs['server']?.kind).toBe('executable');
  // Whoever has begun in TypeScript is told of mistakes there.
  write({ 'src/server.ts': 'console.log(1);' });
  expect((await build(either)).programs).toEqual({ server: { kind: 'typescript', bundle: 0 } });
  const notBuilt = { client: { entry: 'src/client.ts', command: './client' } };
  write({ client: '#!/bin/sh\n' });
  chmodSync(path.join(folder, 'client'), 0o755);
  expect((await build(notBuilt)).programs['client']?.kind).toBe('executable');
});

test('a build command has no network, is not root, and leaves no process', async () => {
  write({ probe: '' });
  const command =
    'id -u > uid; ls /sys/class/net > /dev/null; (setsid sleep 1000 &) ; cat /proc/net/dev > net; touch server; chmod +x server';
  const built = await build({ server: { command: './server', build: command } });
  expect(built.diagnostics).toEqual([]);
  const source = built.readable[1]!;
  expect(Number(readFileSync(path.join(source, 'uid'), 'utf8'))).not.toBe(0);
  expect(readFileSync(path.join(source, 'net'), 'utf8').match(/^ *\w+:/gm)).toEqual(['    lo:']);
  expect(listProcesses('sleep', '1000')).toEqual([]);
});

test('a build command sees nothing that others have handed in, and writes nowhere else', async () => {
  const others = mkdtempSync(path.join(tmpdir(), 'build-test-others-'));
  chmodSync(others, 0o777);
  writeFileSync(path.join(others, 'server.c'), 'int main(void) { return 0; }');
  write({ 'server.c': `#include "${others}/server.c"\n` });
  const include = await build({ server: { command: './server', build: 'cc -o server server.c' } });
  expect([include.programs, include.diagnostics[0]!.excerpt]).toEqual([
    {},
    expect.stringMatching(/server\.c:1:10: fatal error: .*Permission denied/),
  ]);
  const command = `cp ${others}/server.c . ; touch ${others}/here ; printf '#!/bin/sh\\n' > server ; chmod 700 server`;
  const copied = await build({ server: { command: './server', build: command } });
  expect([copied.diagnostics, readdirSync(copied.readable[1]!).toSorted()]).toEqual([[], ['server', 'server.c']]);
  expect(readFileSync(path.join(copied.readable[1]!, 'server.c'), 'utf8')).toMatch(/#include/);
  expect(readdirSync(others)).toEqual(['server.c']);
  rmSync(others, { recursive: true });
});

test('a build command cannot fill the disk', async () => {
  write({ 'server.c': '' });
  const full = await build({
    server: { command: './server', build: 'for i in 1 2 3 4; do head -c 100000000 /dev/zero > $i || exit 1; done' },
  });
  expect([full.programs, full.diagnostics[0]!.excerpt]).toEqual([{}, expect.stringMatching(/No space left on device/)]);
});

test('what was built is removed on demand, and at the latest with the process', async () => {
  write({ 'src/server.ts': 'console.log(1);' });
  const built = await build(server);
  const home = path.dirname(built.readable[0]!);
  expect(readdirSync(home).toSorted()).toEqual(['bundles', 'tools', 'tsconfig.json']);
  removeBuild(built);
  expect(() => statSync(home)).toThrow('ENOENT');
});
