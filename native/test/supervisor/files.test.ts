import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from 'esbuild';
import type { CallEvent, RunPlan, Trace } from '../../src/supervisor.js';
import { canRunAsUser, TestEngine, renderLines } from './engine-client.js';

const ASYNC = `
  import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
  async function main() {
    await mkdir('box');
    await Promise.all(['a', 'b', 'c'].map(async (name) => {
      await writeFile('box/.' + name, name);
      await rename('box/.' + name, 'box/' + name);
    }));
    const names = await readdir('box');
    console.log((await Promise.all(names.map((name) => readFile('box/' + name, 'utf8')))).join());
  }
  void main();`;
const SYNC = `
  import { closeSync, linkSync, openSync, readFileSync, readdirSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
  writeFileSync('t', 'whole');
  linkSync('t', 'm');
  unlinkSync('t');
  console.log(readdirSync('.').join(), readFileSync('m', 'utf8'));
  const log = openSync('log', 'a');
  writeSync(log, 'x');
  writeSync(log, 'y');
  closeSync(log);`;
const FILLER = `
  import { openSync, writeSync } from 'node:fs';
  const file = openSync('big', 'w');
  for (;;) writeSync(file, Buffer.alloc(1 << 16), 0, 1 << 16, 0);`;
const LEAVER = `
  import { closeSync, ftruncateSync, openSync } from 'node:fs';
  for (let i = 0; i < 300; i++) {
    const file = openSync(String(i), 'w');
    ftruncateSync(file, 1 << 16);
    closeSync(file);
  }`;

let engine: TestEngine;
let runs = 0;
beforeAll(async () => {
  engine = new TestEngine();
  const bundles = Object.entries({ ASYNC, SYNC, FILLER, LEAVER }).map(([name, source]) => {
    const file = path.join(engine.folder, `${name}.cjs`);
    writeFileSync(file, transformSync(source, { loader: 'ts', format: 'cjs', target: 'node20' }).code);
    return file;
  });
  expect(await engine.ask({ type: 'start', bundles })).toEqual({ type: 'ready' });
});
afterAll(() => engine.close());

/** Each run begins with an empty folder. */
function plan(processes: RunPlan['processes'], more: Partial<RunPlan> = {}): RunPlan {
  const folder = path.join(engine.folder, `run-${++runs}`);
  execFileSync('mkdir', ['-m', '777', folder]);
  return { ...engine.plan(processes), folder, fileCalls: true, ...more };
}
const role = (bundle: number, name = 'role#1') => ({
  ...engine.process('mailbox'),
  name,
  program: { kind: 'typescript' as const, bundle },
});
const getFileCalls = ({ events }: Trace): CallEvent[] =>
  events.filter((event) => event.kind === 'call').filter(({ args }) => args.path !== undefined);
const renderFileCalls = (trace: Trace): string[] =>
  getFileCalls(trace).map(({ process, name, args, result, error, file, replaced }) => {
    const told = [args.path, args.to, args.flags?.join('|'), args.data && atob(args.data)];
    return `${trace.processes[process]!.name} ${name}(${told.filter((each) => each !== undefined).join(', ')}) = ${error ?? (name === 'open' ? 'fd' : result)}, file ${file}${replaced === undefined ? '' : ` replaces ${replaced}`}`;
  });

test('calls on files of the run’s folder are seen, with what was read and written, and which file it was', async () => {
  const trace = await engine.run(plan([engine.process('mailbox')]));
  expect(renderFileCalls(trace)).toEqual([
    'mailbox#1 mkdir(import) = 0, file 0',
    'mailbox#1 open(import/.a.tmp, O_WRONLY|O_CREAT|O_EXCL) = fd, file 1',
    'mailbox#1 write(import/.a.tmp, hel) = 3, file 1',
    'mailbox#1 write(import/.a.tmp, lo) = 2, file 1',
    'mailbox#1 close(import/.a.tmp) = 0, file 1',
    'mailbox#1 rename(import/.a.tmp, import/a) = 0, file 1',
    'mailbox#1.1 open(import/a, O_RDONLY) = fd, file 1',
    'mailbox#1.1 read(import/a, hello) = 5, file 1',
    'mailbox#1 link(import/a, b) = 0, file 1',
    'mailbox#1 unlink(import/a) = 0, file 1',
    'mailbox#1 rmdir(import) = 0, file 0',
  ]);
  expect(trace.files).toEqual([
    { kind: 'folder', path: 'import', creator: 0, createdAt: 1, left: null },
    { kind: 'file', path: 'import/.a.tmp', creator: 0, createdAt: 2, left: 'b', after: btoa('hello') },
  ]);
});

test('who writes more than a trace may hold is stopped', async () => {
  const trace = await engine.run(plan([role(2)]));
  expect(trace.end).toEqual(expect.objectContaining({ cause: 'file-limit', process: 0, detail: '16 MiB' }));
});

test('so is a run that leaves more', async () => {
  const asked = plan([role(3)]);
  const trace = await engine.run({ ...asked, limits: { ...asked.limits, steps: 2000 } });
  expect(trace.end).toEqual(expect.objectContaining({ cause: 'file-limit', detail: '16 MiB' }));
  const left = trace.files!.map(({ after }) => (after === undefined ? 0 : Buffer.byteLength(after, 'base64')));
  expect(left.reduce((sum, bytes) => sum + bytes)).toBeLessThanOrEqual((16 << 20) + (1 << 16));
});

test('without being asked for they are not seen, and have no numbers', async () => {
  const { fileCalls: _, ...unasked } = plan([engine.process('mailbox')]);
  const trace = await engine.run(unasked);
  expect(renderLines(trace)).toEqual([
    'p start',
    'p fork = p.1',
    'p.1 start',
    'p.1 says "hello\\n"',
    'p.1 ends 0',
    'p wait = p.1 waited',
    'p ends 0',
    'completed',
  ]);
  expect(trace.files).toBeUndefined();
});

test('a TypeScript program that uses fs is held at each call; what was there at the start is known', async () => {
  const asked = plan([role(1)]);
  writeFileSync(path.join(asked.folder, 'old'), 'old');
  mkdirSync(path.join(asked.folder, 'folder'));
  const trace = await engine.run(asked);
  expect(renderFileCalls(trace)).toEqual([
    'role#1 open(t, O_WRONLY|O_CREAT|O_TRUNC) = fd, file 2',
    'role#1 write(t, whole) = 5, file 2',
    'role#1 close(t) = 0, file 2',
    'role#1 link(t, m) = 0, file 2',
    'role#1 unlink(t) = 0, file 2',
    'role#1 open(., O_RDONLY|O_DIRECTORY) = fd, file 3',
    'role#1 getdents(.) = 128, file 3',
    'role#1 getdents(.) = 0, file 3',
    'role#1 close(.) = 0, file 3',
    'role#1 open(m, O_RDONLY) = fd, file 2',
    'role#1 read(m, whole) = 5, file 2',
    'role#1 read(m, ) = 0, file 2',
    'role#1 close(m) = 0, file 2',
    'role#1 open(log, O_WRONLY|O_CREAT|O_APPEND) = fd, file 4',
    'role#1 write(log, x) = 1, file 4',
    'role#1 write(log, y) = 1, file 4',
    'role#1 close(log) = 0, file 4',
  ]);
  expect(trace.files).toEqual([
    { kind: 'folder', path: 'folder', creator: null, createdAt: null, left: 'folder' },
    { kind: 'file', path: 'old', creator: null, createdAt: null, left: 'old', before: btoa('old'), after: btoa('old') },
    { kind: 'file', path: 't', creator: 0, createdAt: 1, left: 'm', after: btoa('whole') },
    { kind: 'folder', path: '.', creator: null, createdAt: null, left: null },
    { kind: 'file', path: 'log', creator: 0, createdAt: 15, left: 'log', after: btoa('xy') },
  ]);
});

test('promises of fs are seen too, and the same seed gives the same trace', async () => {
  const run = async () => await engine.run(plan([role(0)], { strategy: { kind: 'random', seed: 3 } }));
  const first = await run();
  expect(first.end.cause).toBe('completed');
  expect(first.events.flatMap((event) => (event.kind === 'output' ? [event.text] : []))).toEqual(['a,b,c\n']);
  expect(getFileCalls(first).filter(({ name }) => name === 'rename')).toHaveLength(3);
  for (let i = 0; i < 20; i++) expect(await run()).toEqual(first);
});

test('one process moves at a time: a file that is half written can be read', async () => {
  const reader = { ...engine.process('peek'), after: { process: 'mailbox#1', call: 'open' } };
  const trace = await engine.run(
    plan([engine.process('mailbox'), reader], { deviations: [{ at: 'mailbox#1', call: 4, to: 'peek#1' }] }),
  );
  expect(renderFileCalls(trace).slice(0, 6)).toEqual([
    'mailbox#1 mkdir(import) = 0, file 0',
    'mailbox#1 open(import/.a.tmp, O_WRONLY|O_CREAT|O_EXCL) = fd, file 1',
    'mailbox#1 write(import/.a.tmp, hel) = 3, file 1',
    'peek#1 open(import/.a.tmp, O_RDONLY) = fd, file 1',
    'peek#1 read(import/.a.tmp, hel) = 3, file 1',
    'mailbox#1 write(import/.a.tmp, lo) = 2, file 1',
  ]);
});

test('a process is killed at any call on a file, and started again when it has ended', async () => {
  const again = { ...engine.process('mailbox'), name: 'mailbox#2', after: [{ process: 'mailbox#1', call: 'exit' }] };
  const trace = await engine.run(
    plan([engine.process('mailbox'), again], {
      injections: [{ signal: 'SIGKILL', process: 'mailbox#1', call: 5, placement: 'before' }],
    }),
  );
  expect(trace.injections).toEqual([{ status: 'landed', seq: 5 }]);
  expect(renderFileCalls(trace).slice(0, 6)).toEqual([
    'mailbox#1 mkdir(import) = 0, file 0',
    'mailbox#1 open(import/.a.tmp, O_WRONLY|O_CREAT|O_EXCL) = fd, file 1',
    'mailbox#1 write(import/.a.tmp, hel) = 3, file 1',
    'mailbox#1 write(import/.a.tmp, lo) = 2, file 1',
    'mailbox#2 mkdir(import) = EEXIST, file undefined',
    'mailbox#2 open(import/.a.tmp, O_WRONLY|O_CREAT|O_EXCL) = EEXIST, file undefined',
  ]);
});

test('a fault can come to a call on a file', async () => {
  const trace = await engine.run(plan([role(1)], { faults: [{ process: 'role#1', call: 2, effect: 'ENOSPC' }] }));
  expect(trace.faults).toEqual([{ status: 'landed', seq: 2 }]);
  expect(trace.processes[0]!.exit).toEqual({ code: 1 });
});

const asUser = canRunAsUser();
if (!asUser) console.warn('Not root, or no user namespace for user 1000 here: not tried as an ordinary user');
(asUser ? test : test.skip)('an ordinary user’s engine sees the same', async () => {
  const ordinary = new TestEngine({ asUser: true });
  try {
    await ordinary.ask({ type: 'start', bundles: [] });
    const asked = { ...ordinary.plan([ordinary.process('mailbox')]), fileCalls: true };
    const { events, files } = await ordinary.run(asked);
    const trace = await engine.run(plan([engine.process('mailbox')]));
    expect({ events, files }).toEqual({ events: trace.events, files: trace.files });
  } finally {
    await ordinary.close();
  }
});
