// Synchronous msgsnd + msgrcv of 64 bytes: round trips a second of the addon, of a C loop, and of koffi where it is installed
// (npm install --prefix bench --no-save koffi). And: with 64 receives pending, does the rest of Node still work?
//   node bench/addon.mjs [rounds] [repetitions]
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const [rounds = '200000', repetitions = '9'] = process.argv.slice(2);
const here = import.meta.dirname;
const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-bench-'));
const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env;
const hasKoffi = existsSync(path.join(here, 'node_modules/koffi'));
const program = path.join(here, 'programs/messages.mjs');
const node = (who) => () => Number(execFileSync(process.execPath, [program, who, rounds], { encoding: 'utf8', env }));
let failed = false;

try {
  const c = path.join(folder, 'messages');
  execFileSync('cc', ['-O2', '-o', c, path.join(here, 'programs/messages.c')]);
  const sides = {
    'C loop': () => Number(execFileSync(c, [rounds], { encoding: 'utf8' })),
    'addon, into a buffer': node('into'),
    'addon, a new Buffer': node('buffer'),
    ...(hasKoffi ? { koffi: node('koffi') } : {}),
  };
  const figures = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let i = 0; i < Number(repetitions); i++)
    for (const [name, measure] of Object.entries(sides)) figures[name].push(measure());
  const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
  const best = (list) => Math.max(...list);
  console.log(`Round trips a second, ${rounds} in each of ${repetitions} repetitions, in turn:\n`);
  for (const [name, list] of Object.entries(figures)) {
    const ratios = `best ${(best(list) / best(figures['C loop'])).toFixed(2)} of C, median ${(median(list) / median(figures['C loop'])).toFixed(2)}`;
    console.log(
      `  ${name.padEnd(22)} best ${String(best(list)).padStart(9)}   median ${String(median(list)).padStart(9)}   ${ratios}`,
    );
  }
  const ratio = best(figures['addon, into a buffer']) / best(figures['C loop']);
  console.log(
    `\ntarget: the addon, into a buffer, at least 0.75 of C: ${ratio.toFixed(2)} ${ratio >= 0.75 ? 'met' : 'MISSED'}`,
  );
  if (hasKoffi) {
    const peer = best(figures['addon, into a buffer']) / best(figures.koffi);
    console.log(`target: at least koffi's rate: ${peer.toFixed(2)} ${peer >= 1 ? 'met' : 'MISSED'}`);
    failed ||= peer < 1;
  } else console.log('koffi is not installed: npm install --prefix bench --no-save koffi');
  failed ||= ratio < 0.75;

  console.log('\nWith 64 receives pending:');
  const pending = {
    addon: `const ipc = await import(${JSON.stringify(path.join(here, '../native/dist/index.js'))});
      const queue = ipc.msgget(0, 0o600);
      for (let i = 0; i < 64; i++) ipc.promises.msgrcv(queue, 64, 1).catch(() => {});
      process.on('exit', () => ipc.msgctl(queue, ipc.IPC_RMID));`,
    ...(hasKoffi
      ? {
          koffi: `const { default: koffi } = await import(${JSON.stringify(path.join(here, 'node_modules/koffi/index.js'))});
      const libc = koffi.load('libc.so.6');
      const queue = libc.func('int msgget(int key, int flags)')(0, 0o600);
      const msgrcv = libc.func('long msgrcv(int id, void *message, size_t size, long type, int flags)');
      for (let i = 0; i < 64; i++) msgrcv.async(queue, Buffer.alloc(72), 64, 1, 0, () => {});
      process.on('exit', () => libc.func('int msgctl(int id, int command, void *buffer)')(queue, 0, null));`,
        }
      : {}),
  };
  for (const [name, code] of Object.entries(pending)) {
    const source = `${code}
      const { readFile } = await import('node:fs/promises');
      const read = await Promise.race([readFile('/etc/hostname').then(() => 'yes'), new Promise((done) => setTimeout(done, 2000, 'no'))]);
      process.stdout.write(read + '\\n');
      process.exit(0);`;
    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
      env,
      timeout: 5000,
      killSignal: 'SIGKILL',
    });
    console.log(
      `  ${name.padEnd(8)} fs.readFile completes: ${stdout.trim() || 'no'}   process.exit() exits: ${signal ? 'no' : 'yes'}`,
    );
    if (name === 'addon') failed ||= stdout.trim() !== 'yes' || signal !== null;
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failed ? 1 : 0;
