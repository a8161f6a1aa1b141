// Cases at the edges of pid-file: whose file it is at each moment, who may change it, and when a file is out of date.
import { pidFile } from '../../src/rules/pid-file.js';
import { check } from './expect-findings.js';
import { FileBuilder } from './file-builder.js';

const PATH = 'daemon.pid';

function start() {
  const builder = new FileBuilder();
  const [daemon, second, ctl] = ['daemon#1', 'daemon#2', 'ctl#1'].map((name) => builder.start(name)) as [
    number,
    number,
    number,
  ];
  const pidOf = (process: number) => `${builder.trace.processes[process]!.pid}\n`;
  const register = (process: number) => {
    builder.write(process, `.${process}`, pidOf(process));
    return builder.rename(process, `.${process}`, PATH);
  };
  const find = () =>
    check(pidFile, builder.run(), { path: PATH, role: 'daemon' }).map(({ code, events, processes }) => [
      code,
      events,
      processes,
    ]);
  const findCodes = () => find().map(([code]) => code);
  return { builder, daemon, second, ctl, pidOf, register, find, findCodes };
}

describe('torn', () => {
  const findRead = (content: string): unknown[] => {
    const { builder, daemon, ctl, findCodes } = start();
    builder.write(daemon, PATH, content);
    builder.read(ctl, PATH);
    builder.die(daemon, 'SIGKILL');
    return findCodes();
  };

  test('a pid is a number with nothing before it, and at most white space after it', () => {
    expect(['1', '20000', '1\n', '1 \n'].flatMap(findRead)).toEqual([]);
    expect(['', '\n', 'pid 1', ' 1', '1x', '1 2'].flatMap(findRead)).toEqual(Array(6).fill('torn'));
  });

  test('is neither what its maker reads, nor what is read of another file, before its name, or after its last write', () => {
    const { builder, daemon, ctl, pidOf, findCodes } = start();
    builder.write(daemon, '.tmp', '20');
    builder.read(ctl, '.tmp');
    builder.truncate(daemon, '.tmp', 0);
    builder.append(daemon, '.tmp', pidOf(daemon));
    builder.rename(daemon, '.tmp', PATH);
    builder.read(daemon, PATH);
    builder.write(ctl, 'log', 'x');
    builder.read(ctl, 'log');
    builder.read(ctl, PATH);
    builder.write(daemon, 'log', 'y');
    builder.unlink(daemon, PATH);
    builder.exit(daemon);
    expect(findCodes()).toEqual([]);
  });

  test('not torn is what its maker reads while it writes, what the trace does not hold, and what another writes later', () => {
    const { builder, daemon, second, ctl, findCodes } = start();
    builder.write(daemon, PATH, '20');
    builder.read(daemon, PATH);
    builder.append(daemon, PATH, '000\n');
    builder.read(ctl, PATH);
    builder.die(daemon, 'SIGKILL');
    builder.truncate(second, PATH, 0);
    builder.append(second, PATH, 'x');
    const event = builder.trace.events.at(-1)!;
    if (event.kind === 'call') delete event.args.data;
    builder.read(ctl, PATH);
    builder.unlink(second, PATH);
    builder.exit(second);
    expect(findCodes()).toEqual([]);
  });
});

describe('whose file it is', () => {
  test('changes with each write of a process of the role; writes of others leave it with its maker', () => {
    const { builder, daemon, second, ctl, pidOf, register, find } = start();
    const made = register(daemon);
    const byOther = builder.append(ctl, PATH, '\n');
    builder.die(daemon, 'SIGKILL');
    const rewritten = builder.write(second, PATH, pidOf(second));
    const removed = builder.unlink(ctl, PATH);
    builder.exit(second);
    expect(find()).toEqual([
      ['taken-over', [made - 1, byOther], [ctl]],
      ['removed-others', [rewritten + 1, removed], [ctl]],
    ]);
  });

  test('a file of a process of the role under another name is no pid-file; one of another role is not asked for', () => {
    const { builder, daemon, ctl, findCodes } = start();
    builder.write(daemon, 'log', 'started');
    builder.append(daemon, 'log', '!');
    builder.unlink(ctl, 'log');
    builder.write(ctl, PATH, 'x');
    builder.exit(daemon);
    builder.exit(ctl);
    expect(findCodes()).toEqual(['missing']);
  });
});

describe('wrong-pid', () => {
  test('a parent registers a child that lives, and neither one that is dead, nor a stranger', () => {
    const registered = (act: (parts: ReturnType<typeof start>, child: number) => string): unknown[] => {
      const parts = start();
      const child = parts.builder.fork(parts.daemon);
      parts.builder.write(parts.daemon, PATH, act(parts, child));
      parts.builder.unlink(parts.daemon, PATH);
      parts.builder.exit(parts.daemon);
      return parts.findCodes();
    };
    expect(registered(({ pidOf }, child) => pidOf(child))).toEqual([]);
    expect(registered(({ pidOf, daemon }) => pidOf(daemon).trim())).toEqual([]);
    expect(registered(({ pidOf, second }) => pidOf(second))).toEqual(['wrong-pid']);
    expect(registered(() => '999')).toEqual(['wrong-pid']);
    const dead = registered(({ builder, pidOf }, child) => {
      builder.exit(child);
      return pidOf(child);
    });
    expect(dead).toEqual(['wrong-pid']);
  });

  test('is not told of what the trace does not hold, nor of one that lived to the end', () => {
    const { builder, daemon, second, findCodes } = start();
    builder.write(daemon, PATH, 'x');
    const event = builder.trace.events.at(-1)!;
    if (event.kind === 'call') delete event.args.data;
    builder.unlink(daemon, PATH);
    builder.exit(daemon);
    builder.write(second, PATH, 'x');
    expect(findCodes()).toEqual([]);
  });
});

describe('at its end', () => {
  test('a process leaves no file: neither its own, nor that of a child that is gone; a living child keeps it', () => {
    const left = (childEnds: boolean): unknown[] => {
      const { builder, daemon, pidOf, findCodes } = start();
      const child = builder.fork(daemon);
      builder.write(daemon, PATH, pidOf(child));
      if (childEnds) builder.die(child);
      builder.exit(daemon);
      return findCodes();
    };
    expect(left(false)).toEqual([]);
    expect(left(true)).toEqual(['left']);
  });

  test('what it had made may be another’s by then, or the name of a file that others made', () => {
    const { builder, daemon, second, register, findCodes } = start();
    register(daemon);
    builder.unlink(daemon, PATH);
    register(second);
    builder.exit(daemon, 1);
    builder.unlink(second, PATH);
    builder.write(second, 'log', 'x');
    builder.exit(second);
    expect(findCodes()).toEqual([]);
  });
});

describe('stale-kept', () => {
  const findEnd = (act: (parts: ReturnType<typeof start>) => void): unknown[] => {
    const parts = start();
    parts.builder.found(PATH, '999\n');
    act(parts);
    return parts.find().filter(([code]) => code === 'stale-kept');
  };

  test('is told of a process of the role that failed, though it called nothing; not of a child, of another role, or with 0', () => {
    expect(findEnd(({ builder, daemon }) => builder.exit(daemon, 3))).toEqual([['stale-kept', [3], [0]]]);
    expect(findEnd(({ builder, daemon }) => builder.exit(daemon, 0))).toEqual([]);
    expect(findEnd(({ builder, ctl }) => builder.exit(ctl, 1))).toEqual([]);
    expect(findEnd(({ builder, daemon }) => builder.die(daemon))).toEqual([]);
    expect(findEnd(({ builder, daemon }) => builder.exit(builder.fork(daemon), 1))).toEqual([]);
  });

  test('is not told where a signal ended it, the content is not known, or the file had gone before', () => {
    expect(
      findEnd(({ builder, daemon }) => {
        builder.signal(daemon);
        builder.exit(daemon, 1);
      }),
    ).toEqual([]);
    expect(
      findEnd(({ builder, daemon }) => {
        delete builder.trace.files![0]!.before;
        builder.exit(daemon, 1);
      }),
    ).toEqual([]);
    expect(
      findEnd(({ builder, daemon, second }) => {
        builder.unlink(second, PATH);
        builder.exit(daemon, 1);
      }),
    ).toEqual([]);
    const goneLater = findEnd(({ builder, daemon, second }) => {
      builder.exit(daemon, 1);
      builder.unlink(second, PATH);
    });
    expect(goneLater).toEqual([['stale-kept', [3], [0]]]);
  });

  test('is not told of one that had once its own file, and finds another’s', () => {
    const { builder, daemon, register, find } = start();
    register(daemon);
    builder.unlink(daemon, PATH);
    builder.found(PATH, '999\n');
    builder.exit(daemon, 1);
    expect(find()).toEqual([]);
  });

  test('is not told where the other lived when the process began, be it for that moment', () => {
    const { builder, daemon, second, register, find } = start();
    register(daemon);
    builder.die(daemon, 'SIGKILL'); // when the second had begun
    builder.exit(second, 1);
    expect(find()).toEqual([]);
    const later = builder.start('daemon#3');
    const end = builder.exit(later, 1);
    expect(find()).toEqual([['stale-kept', [end], [later]]]);
  });
});
