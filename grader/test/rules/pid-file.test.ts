import { pidFile } from '../../src/rules/pid-file.js';
import { check } from './expect-findings.js';
import { FileBuilder } from './file-builder.js';

const PATH = 'daemon.pid';

function start() {
  const builder = new FileBuilder();
  const daemon = builder.start('daemon#1');
  const second = builder.start('daemon#2');
  const ctl = builder.start('ctl#1');
  const pidOf = (process: number) => `${builder.trace.processes[process]!.pid}\n`;
  const register = (process: number) => {
    builder.write(process, `.${process}`, pidOf(process));
    const seq = builder.link(process, `.${process}`, PATH);
    builder.unlink(process, `.${process}`);
    return seq;
  };
  const find = () => check(pidFile, builder.run(), { path: PATH, role: 'daemon' });
  return { builder, daemon, second, ctl, pidOf, register, find };
}

test('a file that is linked when it is whole, read, and removed last of all; then that of the next one', () => {
  const { builder, daemon, second, ctl, register, find } = start();
  for (const process of [daemon, second]) {
    register(process);
    builder.read(ctl, PATH);
    builder.unlink(process, PATH);
    builder.exit(process);
  }
  expect(find()).toEqual([]);
});

test('one that finds another alive ends with 1; one that was killed leaves its file; the next one replaces it, in one way or other', () => {
  const { builder, daemon, second, ctl, pidOf, register, find } = start();
  builder.found(PATH, '999\n');
  builder.read(daemon, PATH);
  builder.unlink(daemon, PATH);
  register(daemon);
  builder.read(second, PATH);
  builder.exit(second, 1);
  builder.die(daemon, 'SIGKILL');
  const third = builder.start('daemon#3');
  builder.read(ctl, PATH);
  builder.write(third, PATH, pidOf(third));
  builder.die(third, 'SIGKILL');
  const last = builder.start('daemon#4');
  builder.write(last, '.tmp', pidOf(last));
  builder.rename(last, '.tmp', PATH);
  builder.unlink(last, PATH);
  builder.exit(last);
  expect(find()).toEqual([]);
});

test('a parent may register its child, and end', () => {
  const { builder, daemon, pidOf, find } = start();
  const child = builder.fork(daemon);
  builder.write(daemon, PATH, pidOf(child));
  builder.exit(daemon);
  builder.exit(child);
  expect(find()).toEqual([]);
});

test('missing: nobody made it', () => {
  const { builder, ctl, find } = start();
  builder.write(ctl, PATH, '1');
  const missing = {
    code: 'missing',
    message: 'No daemon made daemon.pid.',
    events: [],
    expected: 'daemon.pid, with the pid of a daemon',
    actual: 'not made',
    processes: [],
  };
  expect(find()).toEqual([missing]);
  builder.end({ cause: 'deadlock', waits: [] });
  expect(find()).toEqual([]);
  builder.end({ cause: 'completed', waits: [] });
  builder.signal(ctl, 'killed', 'scenario', 'before', 'SIGKILL');
  expect(find()).toEqual([]);
});

test('torn: somebody looks between open and write, or between two writes', () => {
  const { builder, daemon, ctl, find } = start();
  const made = builder.open(daemon, PATH, 'O_WRONLY', 'O_CREAT', 'O_EXCL');
  const empty = builder.read(ctl, PATH);
  const wrote = builder.append(daemon, PATH, '20');
  const part = builder.read(ctl, PATH);
  const rest = builder.append(daemon, PATH, '000');
  builder.read(ctl, PATH);
  builder.unlink(daemon, PATH);
  builder.exit(daemon);
  const torn = {
    code: 'torn',
    message: 'ctl#1 read daemon.pid before the pid was in it.',
    expected: 'a whole pid, or no file',
    processes: [ctl],
  };
  expect(find()).toEqual([
    { ...torn, events: [made, empty, wrote], actual: 'an empty file' },
    { ...torn, events: [wrote, part, rest], actual: 'a file that holds "20"' },
  ]);
});

test('wrong-pid: something else stands in the file; who was killed on the way is excused', () => {
  const { builder, daemon, second, pidOf, find } = start();
  const made = builder.write(daemon, PATH, pidOf(second));
  builder.unlink(daemon, PATH);
  builder.exit(daemon);
  builder.open(second, PATH, 'O_WRONLY', 'O_CREAT', 'O_EXCL');
  builder.die(second, 'SIGKILL');
  expect(find()).toEqual([
    {
      code: 'wrong-pid',
      message: 'daemon#1 made daemon.pid, and its pid is not what the file holds.',
      events: [made + 1],
      expected: 'the pid of daemon#1',
      actual: String.raw`"20001\n"`,
      processes: [daemon],
    },
  ]);
  const empty = start();
  empty.builder.open(empty.daemon, PATH, 'O_WRONLY', 'O_CREAT', 'O_EXCL');
  empty.builder.unlink(empty.daemon, PATH);
  empty.builder.exit(empty.daemon);
  expect(empty.find().map(({ code, actual }) => [code, actual])).toEqual([['wrong-pid', 'an empty file']]);
});

test('no-newline: the pid alone, where a newline must follow', () => {
  const { builder, daemon, second, pidOf } = start();
  builder.write(second, PATH, pidOf(second));
  builder.unlink(second, PATH);
  builder.exit(second);
  const { pid } = builder.trace.processes[daemon]!;
  const made = builder.write(daemon, PATH, String(pid));
  builder.unlink(daemon, PATH);
  builder.exit(daemon);
  const wanted = { path: PATH, role: 'daemon' };
  expect(check(pidFile, builder.run(), wanted)).toEqual([]);
  expect(check(pidFile, builder.run(), { ...wanted, newline: true })).toEqual([
    {
      code: 'no-newline',
      message: 'daemon#1 made daemon.pid, and no newline follows the pid.',
      events: [made + 1],
      expected: JSON.stringify(`${pid}\n`),
      actual: JSON.stringify(String(pid)),
      processes: [daemon],
    },
  ]);
});

test('taken-over: a second one puts its pid over that of the first, by rename or by write', () => {
  const { builder, daemon, second, pidOf, register, find } = start();
  const first = register(daemon);
  builder.write(second, '.tmp', pidOf(second));
  const over = builder.rename(second, '.tmp', PATH);
  const taken = {
    code: 'taken-over',
    message: 'daemon#2 put itself in the place of daemon#1 in daemon.pid, and daemon#1 is alive.',
    expected: 'made only if it is not there (O_EXCL, or link)',
    processes: [second],
  };
  expect(find()).toEqual([{ ...taken, events: [first - 1, over], actual: 'rename by daemon#2' }]);

  const inPlace = start();
  const made = inPlace.builder.open(inPlace.daemon, PATH, 'O_WRONLY', 'O_CREAT', 'O_TRUNC');
  const again = inPlace.builder.write(inPlace.second, PATH, inPlace.pidOf(inPlace.second));
  expect(inPlace.find()).toEqual([{ ...taken, events: [made, again], actual: 'open by daemon#2' }]);
});

test('removed-others: the file of the next one, by one that had removed its queue first; who took its place did nothing wrong', () => {
  for (const isRemovedFirst of [true, false]) {
    const { builder, daemon, second, pidOf, register, find } = start();
    const queue = builder.queue(daemon);
    register(daemon);
    if (isRemovedFirst) builder.remove(daemon, queue);
    builder.write(second, '.tmp', pidOf(second));
    builder.rename(second, '.tmp', PATH);
    builder.unlink(daemon, PATH);
    builder.exit(daemon);
    const codes = find().map(({ code, processes }) => ({ code, processes }));
    const removed = { code: 'removed-others', processes: [daemon] };
    expect(codes).toEqual(isRemovedFirst ? [removed] : [{ code: 'taken-over', processes: [second] }, removed]);
  }
});

test('removed-others: of a living one, by unlink or by rename', () => {
  for (const [call, remove] of [
    ['unlink', (builder: FileBuilder, process: number) => builder.unlink(process, PATH)],
    ['rename', (builder: FileBuilder, process: number) => builder.rename(process, PATH, 'old.pid')],
  ] as const) {
    const { builder, daemon, ctl, register, find } = start();
    const made = register(daemon);
    const gone = remove(builder, ctl);
    builder.exit(daemon);
    expect(find()).toEqual([
      {
        code: 'removed-others',
        message: "ctl#1 removed daemon.pid, which was daemon#1's, and daemon#1 is alive.",
        events: [made - 1, gone],
        expected: 'removed by the process whose pid it holds',
        actual: `${call} by ctl#1`,
        processes: [ctl],
      },
    ]);
  }
});

test('stale-kept: a file whose process is gone keeps the next one away', () => {
  const { builder, daemon, second, find, register } = start();
  builder.found(PATH, '999\n');
  builder.read(daemon, PATH);
  const end = builder.exit(daemon, 1);
  const stale = {
    code: 'stale-kept',
    message: 'daemon#1 ended with 1 because of daemon.pid, though the process of that pid is gone.',
    events: [end],
    expected: 'a file whose process is gone is replaced',
    actual: String.raw`"999\n" was taken for somebody who is alive`,
    processes: [daemon],
  };
  // Because of that it has made none: one cause, one finding.
  expect(find()).toEqual([stale]);
  builder.unlink(second, PATH);
  register(second);
  builder.die(second, 'SIGKILL');
  builder.exit(builder.start('daemon#3'), 1);
  expect(find().map(({ code, processes }) => [code, processes])).toEqual([
    ['stale-kept', [daemon]],
    ['stale-kept', [3]],
  ]);
});

test('who found that another one has the queue did not end because of the file', () => {
  for (const [name, error, codes] of [
    ['msgget', 'EEXIST', []],
    ['msgget', 'ENOENT', ['stale-kept']],
    ['open', 'EEXIST', ['stale-kept']],
  ] as const) {
    const { builder, daemon, second, register, find } = start();
    register(daemon);
    builder.die(daemon, 'SIGTERM');
    const next = builder.start('daemon#3');
    builder.call(next, name, {}, { error });
    builder.exit(next, 1);
    builder.exit(second, 0);
    expect(find().map(({ code }) => code)).toEqual(codes);
  }
});

test('left: it ended by itself, and the file is still there', () => {
  const { builder, daemon, register, find } = start();
  const made = register(daemon);
  const end = builder.exit(daemon);
  expect(find()).toEqual([
    {
      code: 'left',
      message: 'daemon#1 ended and left daemon.pid.',
      events: [made - 1, end],
      expected: 'removed when its process ends',
      actual: 'still there',
      processes: [daemon],
    },
  ]);
});
