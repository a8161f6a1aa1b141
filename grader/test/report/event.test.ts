import type { CallArgs, CallName, Wait } from '@ipclab/native/supervisor';
import { renderEvent, renderWait } from '../../src/report/event.js';
import { pack, TraceBuilder } from '../rules/trace-builder.js';

const formats = { reply: { mtype: { min: 3 }, fields: { client: 'int', sequence: 'int', text: 'char[8]' } } };

function render(build: (builder: TraceBuilder, main: number, queue: number) => number): string {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const queue = builder.queue(main);
  const seq = build(builder, main, queue);
  const run = builder.run(formats);
  return renderEvent(run, run.trace.events[seq]!);
}

test('messages are shown with type and fields, queues by a letter', () => {
  expect(render((_, __, queue) => queue + 1)).toBe('msgget(IPC_PRIVATE, 0) = queue A');
  const sent = (builder: TraceBuilder, main: number, queue: number) =>
    builder.send(main, queue, 20_001, pack(1, 7, 'a "b"'));
  expect(render((builder, main, queue) => sent(builder, main, queue) + 2)).toBe(
    String.raw`msgsnd(queue A, reply of type 20001 {client: 1, sequence: 7, text: "a \"b\""}) = 0`,
  );
  expect(
    render((builder, main, queue) => builder.receive(main, sent(builder, main, queue), -5, { waited: true })),
  ).toBe(
    String.raw`msgrcv(queue A, type -5) = reply of type 20001 {client: 1, sequence: 7, text: "a \"b\""}  [had to wait]`,
  );
  expect(render((builder, main, queue) => builder.receive(main, builder.send(main, queue, 2), 2))).toBe(
    'msgrcv(queue A, type 2) = message of type 2',
  );
});

test('a call in a handler says in whose, whether it returned or not', () => {
  const more = { waited: true, inHandler: 'SIGTERM' } as const;
  expect(render((builder, main, queue) => builder.receive(main, builder.send(main, queue, 2), 2, more))).toBe(
    'msgrcv(queue A, type 2) = message of type 2  (in the handler of SIGTERM)  [had to wait]',
  );
  const wait: Wait = {
    process: 0,
    call: 2,
    name: 'msgrcv',
    args: { msgtyp: 5 },
    kind: 'message',
    queue: 0,
    certain: true,
    inHandler: 'SIGHUP',
  };
  const builder = new TraceBuilder();
  builder.start('main#1');
  expect(renderWait(builder.run(), wait)).toBe('msgrcv(queue A, type 5)  (in the handler of SIGHUP)  [waits for ever]');
});

test("a queue that the program found is a stranger's", () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const queue = builder.queue(null, 68);
  const seq = builder.call(main, 'msgget', { key: 68, mode: 0o600, flags: ['IPC_CREAT'] }, { queue });
  const run = builder.run();
  expect(renderEvent(run, run.trace.events[seq]!)).toBe("msgget(0x44, IPC_CREAT|0600) = queue A, a stranger's");
});

const calls: [string, CallName, CallArgs, object][] = [
  [
    'msgget(0x44, IPC_CREAT|IPC_EXCL|0600) = EEXIST',
    'msgget',
    { key: 68, mode: 0o600, flags: ['IPC_CREAT', 'IPC_EXCL'] },
    { error: 'EEXIST' },
  ],
  ['msgget(0xffffffff, 0) = ENOENT', 'msgget', { key: -1 }, { error: 'ENOENT' }],
  ['msgsnd(queue A, type 0, 4 bytes) = EINVAL', 'msgsnd', { mtype: 0, sizeBytes: 4 }, { queue: 0, error: 'EINVAL' }],
  [
    'msgsnd(id 9, type 3, 4 bytes, IPC_NOWAIT) = EINVAL',
    'msgsnd',
    { id: 9, mtype: 3, sizeBytes: 4, flags: ['IPC_NOWAIT'] },
    { error: 'EINVAL' },
  ],
  ['msgrcv(queue A, type 20001) = EINTR', 'msgrcv', { msgtyp: 20_001 }, { queue: 0, error: 'EINTR' }],
  ['msgctl(queue A, IPC_RMID) = 0', 'msgctl', { cmd: 'IPC_RMID' }, { queue: 0 }],
  ['open(import/a, O_WRONLY|O_CREAT) = 9', 'open', { path: 'import/a', flags: ['O_WRONLY', 'O_CREAT'] }, { result: 9 }],
  [String.raw`write(a\u001b, "one\n") = 4`, 'write', { path: 'a\u001B', fd: 9, data: btoa('one\n') }, { result: 4 }],
  ['write(a) = 4', 'write', { path: 'a', fd: 9 }, { result: 4 }],
  ['truncate(a, 0) = 0', 'truncate', { path: 'a', sizeBytes: 0 }, {}],
  ['rename(a, b) = ENOENT', 'rename', { path: 'a', to: 'b' }, { error: 'ENOENT' }],
  ['unlink(a) = 0', 'unlink', { path: 'a' }, {}],
  ['shmget(IPC_PRIVATE, 64, 0600) = 5', 'shmget', { key: 0, sizeBytes: 64, mode: 0o600 }, { result: 5 }],
  ['shmctl(id 5, IPC_RMID) = 0', 'shmctl', { id: 5, cmd: 'IPC_RMID' }, {}],
  [
    'semop(id 3, 0: -1 1: +2) = 0',
    'semop',
    {
      id: 3,
      operations: [
        { num: 0, op: -1, flags: [] },
        { num: 1, op: 2, flags: [] },
      ],
    },
    {},
  ],
  ['shmdt() = 0', 'shmdt', {}, {}],
  ['shmat(id 5) = 0', 'shmat', { id: 5 }, {}],
  ['fork() = main#1', 'fork', {}, { target: 0 }],
  ['fork() = EAGAIN (forced)', 'fork', {}, { error: 'EAGAIN', forced: true }],
  ['wait(any child, WNOHANG) = 0', 'wait', { pid: -1, flags: ['WNOHANG'] }, {}],
  ['wait(main#1) = main#1, exit status 3', 'wait', { pid: 20_000, status: { code: 3 } }, { target: 0 }],
  ['wait(main#1) = main#1, killed by SIGSEGV', 'wait', { pid: 20_000, status: { signal: 'SIGSEGV' } }, { target: 0 }],
  ['kill(main#1, SIGTERM) = 0', 'kill', { pid: 20_000, signal: 'SIGTERM' }, {}],
  ['kill(process 7, 0) = ESRCH', 'kill', { pid: 7, signal: '0' }, { error: 'ESRCH' }],
  ['kill(-1, SIGTERM) = 0', 'kill', { pid: -1, signal: 'SIGTERM' }, {}],
  ['sigaction(SIGTERM, handler) = 0', 'sigaction', { signal: 'SIGTERM', disposition: 'handler' }, {}],
  [
    'sigprocmask(SIG_BLOCK, {SIGINT, SIGUSR1}) = 0',
    'sigprocmask',
    { how: 'SIG_BLOCK', signals: ['SIGINT', 'SIGUSR1'] },
    {},
  ],
  ['sigsuspend({}) = EINTR', 'sigsuspend', { signals: [] }, { error: 'EINTR' }],
  ['alarm(2 s) = 0', 'alarm', { seconds: 2 }, {}],
  ['sleep(50 ms) = 0', 'sleep', { timeoutMs: 50 }, {}],
];
test.each(calls)('%s', (text, name, args, parts) => {
  expect(render((builder, main) => builder.call(main, name, args, parts))).toBe(text);
});

test('what else happens to a process is said of it', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const child = builder.fork(main);
  builder.signal(main, 'handler', 'scenario', 'before');
  builder.signal(main, 'killed', 'scenario', 'blocked');
  builder.signal(main, 'handler', 'scenario', 'entry');
  builder.stop(main, 'ignored');
  builder.signal(main, 'handler', child);
  builder.signal(main, 'stopped', 'kernel', undefined, 'SIGTSTP');
  builder.signal(main, 'continued', 'kernel', undefined, 'SIGCONT');
  builder.print(main, 'Received 252!\n');
  builder.print(main, 'no\u001B[2J', 'stderr');
  builder.exit(main, 1);
  builder.die(child, 'SIGKILL');
  const run = builder.run();
  expect(run.trace.events.map((event) => renderEvent(run, event))).toEqual([
    'starts',
    'fork() = main#1.1',
    'starts (forked)',
    '<- SIGTERM from the grader, before its call 1: its handler runs',
    '<- SIGTERM from the grader, asleep in its call 1: it is killed',
    '<- SIGTERM from the grader, entering its call 1: its handler runs',
    '<- SIGTERM from the grader: ignored',
    '<- SIGTERM from main#1.1: its handler runs',
    '<- SIGTSTP: it is stopped',
    '<- SIGCONT: it goes on',
    String.raw`prints "Received 252!\n"`,
    String.raw`prints to stderr "no\u001b[2J"`,
    'ends with exit status 1',
    'is an orphan now: its parent is gone',
    'is killed by SIGKILL',
  ]);
});

test('of an exception that nobody caught the line that tells of it is shown', () => {
  const text =
    'file:///a/b/main.js:3\n    throw error;\n    ^\n\nSystemError: EINVAL: Invalid argument, msgrcv(msqid 1)\n    at main\n';
  expect(render((builder, main) => builder.print(main, text, 'stderr'))).toBe(
    'prints to stderr … "SystemError: EINVAL: Invalid argument, msgrcv(msqid 1)"',
  );
});

test.each<[string, Partial<Wait>]>([
  ['msgrcv(queue A, type 5)  [waits for ever]', { name: 'msgrcv', args: { msgtyp: 5 }, kind: 'message', queue: 0 }],
  [
    'msgsnd(queue A, type 5, 8 bytes)  [waits for ever]',
    { name: 'msgsnd', args: { mtype: 5, sizeBytes: 8 }, kind: 'space', queue: 0 },
  ],
  ['wait(any child)  [waits for ever]', { name: 'wait', args: { pid: -1 }, kind: 'child' }],
  ['pause()  [waits for ever]', { name: 'pause', kind: 'signal' }],
  ['waits in its event loop, for ever', { name: 'poll', kind: 'event-loop' }],
  ['is stopped, for ever', { name: 'pause', kind: 'stopped' }],
  ['waits in a call that is not watched, for ever', { name: 'unknown', kind: 'unknown' }],
])('%s', (text, wait) => {
  const builder = new TraceBuilder();
  builder.queue(builder.start('main#1'));
  expect(renderWait(builder.run(), { process: 0, call: 2, args: {}, certain: true, ...wait } as Wait)).toBe(text);
});
