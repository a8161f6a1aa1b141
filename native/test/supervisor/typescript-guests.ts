/** Small TypeScript programs for the tests of the supervisor: each shows one thing of how roles live. */
export const GUESTS = {
  hello: `
    import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, fork, msgctl, msgget, msgrcv, msgsnd, waitpid } from '@ipclab/native';
    const queue = msgget(IPC_PRIVATE, 0o600 | IPC_CREAT);
    const child = fork();
    if (child > 0) {
      msgsnd(queue, 42, 'hello');
      waitpid(child);
    } else {
      console.log('Received ' + msgrcv(queue, 10, 42).data + '!');
      msgctl(queue, IPC_RMID);
    }`,
  async: `
    import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, fork, msgctl, msgget, promises, waitpid } from '@ipclab/native';
    import { writeFile } from 'node:fs/promises';
    async function main() {
      const queue = msgget(IPC_PRIVATE, 0o600 | IPC_CREAT);
      const child = fork();
      if (child === 0) {
        const { data } = await promises.msgrcv(queue, 100, 1);
        await new Promise((resolve) => setTimeout(resolve, 2));
        await promises.msgsnd(queue, 3, 'three ' + data);
        await promises.msgsnd(queue, 2, 'two ' + data);
        return;
      }
      const both = Promise.all([promises.msgrcv(queue, 100, 2), promises.msgrcv(queue, 100, 3)]);
      await promises.msgsnd(queue, 1, 'x');
      console.log((await both).map(({ data }) => data.toString()).join());
      await writeFile('out.txt', 'x');
      waitpid(child);
      msgctl(queue, IPC_RMID);
    }
    void main();`,
  untouched: `
    import { readdirSync } from 'node:fs';
    import { SIG_BLOCK, SIGUSR2, ftok, kill, msgget, sigpending, sigprocmask } from '@ipclab/native';
    let queue = '';
    try { msgget(ftok('/', 1), 0); } catch (error) { queue = (error as NodeJS.ErrnoException).code ?? ''; }
    console.log(JSON.stringify({ queue, pending: [...sigpending().signals], blocked: [...sigprocmask(SIG_BLOCK).signals],
      threads: readdirSync('/proc/self/task').length, listeners: process.eventNames().filter((name) => String(name).startsWith('SIG')) }));
    kill(process.pid, SIGUSR2);
    console.log('its handler ran');`,
  surroundings: `
    import { readdirSync, writeFileSync } from 'node:fs';
    writeFileSync('mine.txt', 'x');
    console.log(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), files: readdirSync('.'), greeting: process.env.GREETING,
      uid: process.getuid!(), terminal: Boolean(process.stdout.isTTY), pid: process.pid, names: Object.keys(process.env).sort() }));
    console.error('to stderr');`,
  input: `
    process.stdin.setEncoding('utf8');
    let text = '';
    process.stdin.on('data', (chunk) => (text += chunk)).on('end', () => console.log(text.toUpperCase()));`,
  thrower: `
    function inner(): never {
      throw new TypeError('on purpose');
    }
    inner();`,
  stopped: `
    import { signal, msgget, msgrcv, msgctl, IPC_PRIVATE, IPC_CREAT, IPC_RMID } from '@ipclab/native';
    const queue = msgget(IPC_PRIVATE, 0o600 | IPC_CREAT);
    signal('SIGTERM', () => {
      console.log('cleaning up');
      msgctl(queue, IPC_RMID);
      process.exit(0);
    });
    for (;;) msgrcv(queue, 100, 0);`,
  aborted: `
    import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, msgctl, msgget, promises } from '@ipclab/native';
    async function main() {
      const queue = msgget(IPC_PRIVATE, 0o600 | IPC_CREAT);
      const stop = new AbortController();
      process.on('SIGTERM', () => stop.abort());
      await promises.msgrcv(queue, 100, 1, 0, { signal: stop.signal }).catch((error: Error) => console.log(error.name));
      msgctl(queue, IPC_RMID);
    }
    void main();`,
  inHandlers: `
    import { IPC_CREAT, IPC_PRIVATE, msgget, msgsnd, raise, signal, fork, waitpid } from '@ipclab/native';
    const queue = msgget(IPC_PRIVATE, 0o600 | IPC_CREAT);
    signal('SIGUSR1', () => {
      raise('SIGUSR2');
      msgsnd(queue, 1, 'outer');
    });
    signal('SIGUSR2', () => msgsnd(queue, 2, 'inner'));
    signal('SIGTERM', () => {
      msgsnd(queue, 3, 'about to throw');
      throw new Error('on purpose');
    });
    signal('SIGQUIT', () => {
      const child = fork();
      msgsnd(queue, child === 0 ? 4 : 5, 'in both');
      if (child > 0) waitpid(child);
    });
    process.on('SIGHUP', () => msgsnd(queue, 6, 'from the event loop'));
    raise('SIGUSR1');
    try {
      raise('SIGTERM');
    } catch {
      msgsnd(queue, 7, 'caught');
    }
    raise('SIGQUIT');
    msgsnd(queue, 8, 'after all');
    raise('SIGHUP');
    setTimeout(() => {}, 5);`,
  awake: `
    const alive = setInterval(() => {}, 2 ** 30);
    process.on('SIGTERM', () => clearInterval(alive));`,
  writer: `for (;;) console.log('x'.repeat(1000));`,
  outside: `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { connect } from 'node:net';
    const tries: Record<string, () => unknown> = {
      shadow: () => readFileSync('/etc/shadow'),
      outside: () => writeFileSync('/tmp/ipclab-escape', 'x'),
    };
    for (const [name, attempt] of Object.entries(tries)) {
      try {
        attempt();
        console.log(name, 'worked');
      } catch (error) {
        console.log(name, (error as NodeJS.ErrnoException).code);
      }
    }
    connect(80, '127.0.0.1').on('error', (error: NodeJS.ErrnoException) => console.log('socket', error.code));`,
};
