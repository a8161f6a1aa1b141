import {
  SIG_BLOCK,
  _exit,
  alarm,
  fork,
  getpid,
  getppid,
  kill,
  msgrcv,
  msgsnd,
  promises,
  raise,
  sigaddset,
  sigemptyset,
  signal,
  sigprocmask,
  sigsuspend,
  waitpid,
} from '@ipclab/native';
import { pbkdf2 } from 'node:crypto';
import fs from 'node:fs';
import { promisify } from 'node:util';
import { codeOf, makeQueue, print, runCase } from './cases.mjs';

const boom = () => {
  throw new Error('boom');
};

const garbage = () => {
  const kept = [];
  for (let i = 0; i < 3e5; i++) kept[i % 1000] = { i, text: `text ${i}`, more: Array.from({ length: 20 }, () => i) };
  return kept.length;
};

/** Runs `child` in a forked child and returns what waitpid says about it. */
function inChild(child) {
  const pid = fork();
  if (pid !== 0) return endingOf(pid);
  child();
  return _exit(0);
}

function endingOf(pid) {
  const { status: _status, pid: _pid, ...ending } = waitpid(pid);
  return ending;
}

/** As inChild, but the child goes back to its event loop; only the parent goes on. */
function inLoop(child) {
  return new Promise((resolve) => {
    const pid = fork();
    if (pid === 0) void child();
    else {
      resolve(endingOf(pid));
    }
  });
}

await runCase({
  pids() {
    const parent = getpid();
    print(
      inChild(() =>
        print([getpid() === process.pid, getpid() !== parent, getppid() === parent, process.ppid === parent]),
      ),
    );
    print(process.pid === parent);
  },
  codes() {
    print(inChild(() => _exit(7)));
    print(inChild(() => process.exit(8)));
    print(inChild(() => raise('SIGKILL')));
    print(inChild(boom));
  },
  // The child's own timers, files, thread pool and standard output; then it comes to its natural end.
  async loop() {
    const ending = await inLoop(async () => {
      process.on('beforeExit', (code) => print(['beforeExit', code]));
      process.on('exit', (code) => print(['exit', code]));
      await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setImmediate(resolve));
      const text = await fs.promises.readFile(new URL(import.meta.url), 'utf8');
      const key = await promisify(pbkdf2)('a', 'b', 10, 8, 'sha1');
      print([text.length > 0, key.length]);
      process.exitCode = 6;
    });
    print(ending);
  },
  async beforeExitGoesOn() {
    const ending = await inLoop(() => {
      process.once('beforeExit', () => setTimeout(() => print('once more'), 1));
    });
    print(ending);
  },
  async uncaught() {
    const ending = await inLoop(() => {
      setTimeout(() => {
        throw new Error('uncaught in the child');
      }, 1);
    });
    print(ending);
  },
  // A timer that was set before is memory, so both have it.
  async timers() {
    const done = new Promise((resolve) => setTimeout(resolve, 20));
    const pid = fork();
    await done;
    if (pid === 0) process.exitCode = 4;
    else print(waitpid(pid).code);
  },
  // Under way at the fork. (Not a read: the two would share the place in the file, as C's processes do.)
  async pool() {
    const under = Promise.all(Array.from({ length: 16 }, () => fs.promises.stat('/')));
    const pid = fork();
    const found = await under;
    if (pid === 0) process.exit(found.length === 16 ? 9 : 1);
    print([waitpid(pid).code, found.length]);
  },
  nested() {
    const queue = makeQueue();
    const depth = 5;
    const descend = (level) => {
      if (level > depth) return;
      const pid = fork();
      if (pid !== 0) {
        if (waitpid(pid).code !== 0) _exit(1);
        return;
      }
      descend(level + 1);
      msgsnd(queue, level, `level ${level}`);
      _exit(0);
    };
    descend(1);
    print(Array.from({ length: depth }, () => msgrcv(queue, 100, 0).mtype));
  },
  many() {
    const codes = new Set();
    for (let i = 0; i < 100; i++) codes.add(inChild(() => _exit(3)).code);
    print([...codes]);
  },
  busy() {
    // The child's collector and compiler have nobody to help them.
    garbage();
    print(inChild(() => _exit(garbage() === 1000 ? 5 : 1)));
  },
  signals() {
    // The handler is inherited, a signal that waits for its handler and an alarm are not.
    const log = [];
    signal('SIGUSR1', () => {
      log.push('begins');
      if (log.length > 1) return;
      raise('SIGUSR1');
      alarm(60);
      const pid = fork();
      if (pid === 0) {
        log.push('child', alarm(0));
        return;
      }
      log.push('parent', waitpid(pid).code, alarm(0) > 50);
    });
    raise('SIGUSR1');
    if (log.includes('child')) {
      raise('SIGUSR1');
      print(log);
      _exit(2);
    }
    print(log);
  },
  async signalsInLoop() {
    const old = sigprocmask(
      SIG_BLOCK,
      (() => {
        const set = sigemptyset();
        sigaddset(set, 'SIGUSR1');
        return set;
      })(),
    );
    signal('SIGUSR1', () => {
      print(['handler', getppid() === parent]);
    });
    const parent = getpid();
    const pid = fork();
    if (pid === 0) {
      sigsuspend(old);
      const timer = setInterval(() => {}, 1000);
      signal('SIGUSR2', () => {
        print('in the loop');
        clearInterval(timer);
      });
      setTimeout(() => process.kill(process.pid, 'SIGUSR2'), 1);
      return;
    }
    kill(pid, 'SIGUSR1');
    print(waitpid(pid).code);
  },
  defaultSignals() {
    print(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'].map((name) => inChild(() => raise(name)).signal));
  },
  listeners() {
    const seen = [];
    process.on('SIGTERM', () => seen.push(getpid()));
    kill(getpid(), 'SIGTERM');
    const pid = fork();
    // The signal waits for its listener in the parent; the child closes its own, and ends.
    if (pid !== 0) {
      print(endingOf(pid));
      return;
    }
    process.removeAllListeners('SIGTERM');
    process.on('exit', () => (process.exitCode = seen.length));
  },
  async pending() {
    const queue = makeQueue();
    const received = promises.msgrcv(queue, 100, 1);
    const pid = fork();
    if (pid === 0) {
      const error = await received.catch((caught) => caught);
      print(error.code);
      // The child has its own threads.
      const own = promises.msgrcv(queue, 100, 2);
      await promises.msgsnd(queue, 2, 'own');
      print((await own).data.toString());
      process.exit(0);
    }
    print(waitpid(pid).code);
    msgsnd(queue, 1, 'for the parent');
    print((await received).data.toString());
  },
  async spawns() {
    const { execFile } = await import('node:child_process');
    const ending = await inLoop(async () => {
      const { stdout } = await promisify(execFile)('echo', ['from a process of the child']);
      console.log(stdout.trim());
    });
    print(ending);
  },
  waits() {
    const pid = fork();
    if (pid === 0) {
      raise('SIGSTOP');
      _exit(3);
    }
    const stopped = waitpid(pid, 2);
    print([stopped.pid === pid, stopped.status.toString(16), stopped.code, stopped.signal]);
    print(waitpid(pid, 1));
    kill(pid, 'SIGCONT');
    print([waitpid(-1).code, codeOf(() => waitpid(-1)), codeOf(() => kill(pid, 0))]);
  },
});
