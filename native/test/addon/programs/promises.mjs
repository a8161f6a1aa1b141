import { IPC_RMID, msgctl, msgget, msgrcv, msgsnd, promises, signal } from '@ipclab/native';
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { makeQueue, print, runCase } from './cases.mjs';

const codes = async (pending) =>
  (await Promise.allSettled(pending)).map(({ reason, value }) => reason?.code ?? value?.data?.toString() ?? value);

await runCase({
  async pool() {
    const queue = makeQueue();
    const aborts = Array.from({ length: 64 }, () => new AbortController());
    const pending = aborts.map(({ signal: abort }) => promises.msgrcv(queue, 10, 1, 0, { signal: abort }));
    print((await readFile(new URL(import.meta.url))).length > 0);
    for (const abort of aborts) abort.abort();
    print([...new Set(await codes(pending))]);
  },
  exits() {
    const queue = makeQueue();
    for (let i = 0; i < 64; i++) void promises.msgrcv(queue, 10, 1);
    setImmediate(() => process.exit(5));
  },
  async staysAlive() {
    const queue = makeQueue();
    setTimeout(() => msgsnd(queue, 1, 'late'), 10).unref();
    const { mtype, data } = await promises.msgrcv(queue, 10, 0);
    print([mtype, data.toString()]);
  },
  async full() {
    const queue = makeQueue();
    for (let i = 0; i < 2; i++) msgsnd(queue, 1, Buffer.alloc(8192));
    const sent = promises.msgsnd(queue, 3, 'waits');
    print(await Promise.race([sent, readFile('/dev/null', 'utf8')]));
    msgrcv(queue, 8192, 1);
    print((await sent) === undefined);
    print(msgrcv(queue, 100, 3).data.toString());
  },
  async errors() {
    const queue = msgget(0, 0o1600);
    const pending = [
      promises.msgrcv(queue, 10, 1),
      promises.msgrcv(queue, 10, 0, 0o4000),
      promises.msgsnd(queue, 0, 'x'),
    ];
    const rest = await codes(pending.slice(1));
    msgctl(queue, IPC_RMID);
    // The thread may have come to the queue before it was removed, or after.
    const [first] = await codes(pending.slice(0, 1));
    print([...rest, ['EIDRM', 'EINVAL'].includes(first)]);
  },
  // The message or the abort: never both, never neither.
  async aborts() {
    const queue = makeQueue();
    let lost = 0;
    for (let i = 0; i < 500; i++) {
      const abort = new AbortController();
      const pending = promises.msgrcv(queue, 10, 0, 0, { signal: abort.signal });
      if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      msgsnd(queue, 1, String(i));
      if (i % 2 === 0) await Promise.resolve();
      abort.abort();
      const [outcome] = await codes([pending]);
      if (outcome === 'ABORT_ERR') {
        if (msgrcv(queue, 10, 0).data.toString() !== String(i)) lost++;
      } else if (outcome !== String(i)) lost++;
    }
    print([lost, msgctl(queue, 2).qnum]);
    const aborted = AbortSignal.abort('a reason');
    const error = await promises.msgrcv(queue, 1, 0, 0, { signal: aborted }).catch((caught) => caught);
    print([error.name, error.cause]);
  },
  async into() {
    const queue = makeQueue();
    const into = Buffer.alloc(4);
    msgsnd(queue, 2n ** 60n, 'ab');
    const { mtype, sizeBytes } = await promises.msgrcv(queue, into, 2n ** 60n);
    print([String(mtype), sizeBytes, into.toString('hex')]);
  },
  async signals() {
    const queue = makeQueue();
    signal('SIGUSR1', () => print('handler'));
    const pending = promises.msgrcv(queue, 10, 0);
    process.kill(process.pid, 'SIGUSR1');
    await new Promise((resolve) => setImmediate(resolve));
    msgsnd(queue, 1, 'message');
    print((await pending).data.toString());
  },
  // A worker may wait for messages, and may be ended while it does. What belongs to a process is refused there.
  async worker() {
    const queue = makeQueue();
    const source = `
      import { workerData, parentPort } from 'node:worker_threads';
      import * as native from ${JSON.stringify(import.meta.resolve('@ipclab/native'))};
      const { queue } = workerData;
      const codes = {};
      for (const [name, ...args] of [['fork'], ['signal', 'SIGTERM', () => {}], ['sigaction', 'SIGTERM'], ['sigprocmask', 0],
        ['sigpending'], ['sigsuspend', native.sigemptyset()], ['pause'], ['alarm', 1], ['raise', 'SIGTERM']]) {
        try { native[name](...args); } catch (error) { codes[name] = error.code; }
      }
      parentPort.postMessage(codes);
      native.msgsnd(queue, 5, 'from the worker');
      const { data } = native.msgrcv(queue, 100, 6);
      native.msgsnd(queue, 7, data);
      for (let i = 0; i < 8; i++) void native.promises.msgrcv(queue, 1, 99);
      native.msgsnd(queue, 8, '');
    `;
    const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
    const worker = new Worker(url, { workerData: { queue } });
    print(await new Promise((resolve) => worker.once('message', resolve)));
    const text = async (type) => (await promises.msgrcv(queue, 100, type)).data.toString();
    print(await text(5));
    msgsnd(queue, 6, 'back');
    print(await text(7));
    print(await text(8));
    await worker.terminate();
    // All are gone: a message that they would have taken is still there.
    msgsnd(queue, 99, '');
    print(msgrcv(queue, 1, 99).mtype);
  },
});
