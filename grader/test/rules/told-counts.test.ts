import type { SignalName } from '@ipclab/native/supervisor';
import { toldCounts } from '../../src/rules/told-counts.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const formats = {
  debit: { mtype: { min: 2, max: 2 }, fields: {} },
  credit: { mtype: { min: 3, max: 3 }, fields: {} },
};
const DEBIT = 2;
const CREDIT = 3;
const wanted = { role: 'receiver', line: 'balance {debit} {credit}' };

function start() {
  const builder = new TraceBuilder();
  const receiver = builder.start('receiver#1'); // 0
  const queue = builder.queue(receiver); // 1
  const send = (mtype: number, parts: object = {}): number => {
    const { sentAt } = builder.trace.messages[builder.send(receiver, queue, mtype)]!;
    Object.assign(builder.trace.events[sentAt!]!, parts);
    return sentAt!;
  };
  const call = (name: 'kill' | 'sigprocmask' | 'msgsnd', parts: object = {}) => builder.call(receiver, name, {}, parts);
  const handle = (signal: SignalName = 'SIGINT') => builder.signal(receiver, 'handler', 'kernel', undefined, signal);
  const print = (text: string) => builder.print(receiver, text);
  const say = (...numbers: number[]) => print(`balance ${numbers.join(' ')}\n`);
  const find = (parameters: object = {}) => check(toldCounts, builder.run(formats), { ...wanted, ...parameters });
  const codes = (parameters: object = {}) => find(parameters).map(({ code }) => code);
  return { builder, receiver, queue, send, call, handle, print, say, find, codes };
}

/** Is each of these fine, when `before` has happened and then `after` happens? */
const areFine = (
  before: (program: ReturnType<typeof start>) => void,
  told: [number, number][],
  after: (program: ReturnType<typeof start>) => void = () => {},
): boolean[] =>
  told.map((numbers) => {
    const program = start();
    before(program);
    program.say(...numbers);
    after(program);
    return program.codes().length === 0;
  });

test('numbers that are true whenever they are printed are fine', () => {
  const { builder, receiver, queue, send, call, handle, say, print, find } = start();
  say(0, 0);
  for (const round of [1, 2]) {
    call('sigprocmask');
    send(DEBIT);
    say(round, round - 1);
    send(CREDIT);
    call('sigprocmask');
    handle();
    say(round, round);
  }
  // Another's are not its own, nor are those of a child.
  builder.send(builder.start('sender#1'), queue, DEBIT);
  const child = builder.fork(receiver);
  builder.send(child, queue, CREDIT);
  builder.print(child, 'balance 7 7\n');
  // One that failed was not sent.
  call('msgsnd', { error: 'EAGAIN' });
  print('balance 2 2\r\nbalance 2 2\nbalance\nbalance 1\nbalance 1 1 1\n');
  builder.print(receiver, 'balance 0 0\n', 'stderr');
  builder.exit(receiver);
  expect(find()).toEqual([]);
});

test('too-few: what has been sent is not all told', () => {
  const { send, call, say, find } = start();
  send(DEBIT);
  send(CREDIT); // 3
  call('kill');
  say(1, 0); // 5
  say(0, 0);
  expect(find()).toEqual([
    {
      code: 'too-few',
      message: 'receiver#1 printed "balance 1 0" when it had sent 1 credit message.',
      events: [3, 5],
      expected: '"balance 1 1"',
      actual: '"balance 1 0"',
      processes: [0],
    },
  ]);
  expect(find({ role: 'sender' })).toEqual([]);
  expect(find({ stream: 'stderr' })).toEqual([]);
});

test('too-few: it shows the first that is left out', () => {
  const { send, call, say, find } = start();
  for (let sent = 0; sent < 3; sent++) send(DEBIT); // 2, 3, 4
  call('kill');
  say(1, 1); // 6
  expect(find()).toEqual([
    {
      code: 'too-few',
      message: 'receiver#1 printed "balance 1 1" when it had sent 3 debit messages.',
      events: [3, 6],
      expected: '"balance 3 0"',
      actual: '"balance 1 1"',
      processes: [0],
    },
  ]);
});

test('too-many: what is told has not been sent yet', () => {
  const { send, call, say, find } = start();
  say(0, 1); // 2
  call('kill');
  send(CREDIT);
  expect(find()).toEqual([
    {
      code: 'too-many',
      message: 'receiver#1 printed "balance 0 1" when it had sent 0 credit messages.',
      events: [2],
      expected: '"balance 0 0"',
      actual: '"balance 0 1"',
      processes: [0],
    },
  ]);
});

test('too-many: it shows the last that there was', () => {
  const { send, call, say, find } = start();
  send(DEBIT);
  send(DEBIT); // 3
  call('kill');
  say(3, 0); // 5
  call('kill');
  send(DEBIT);
  expect(find().map(({ code, events }) => ({ code, events }))).toEqual([{ code: 'too-many', events: [3, 5] }]);
});

test('of each process its first wrong line is told, on either stream', () => {
  const { builder, receiver, find } = start();
  const other = builder.start('receiver#2');
  builder.print(receiver, 'balance 1 0\nbalance 2 0\n', 'stderr');
  builder.print(other, 'balance 0 0\nbalance 3 0', 'stderr');
  builder.exit(other);
  expect(find({ stream: 'stderr' }).map(({ actual, processes }) => [actual, processes])).toEqual([
    ['"balance 1 0"', [receiver]],
    ['"balance 3 0"', [other]],
  ]);
});

describe('a handler that runs inside a msgsnd', () => {
  const told: [number, number][] = [
    [0, 0],
    [1, 0],
    [2, 0],
    [1, 1],
  ];

  test('may find it counted or not: when it has returned', () => {
    const before = ({ send, handle }: ReturnType<typeof start>) => {
      send(DEBIT);
      handle();
    };
    expect(areFine(before, told)).toEqual([true, true, false, false]);
    // It is the next that follows, but the handler did not run before the first had returned.
    expect(areFine(before, told, ({ send }) => send(DEBIT))).toEqual([true, true, true, false]);
  });

  test('may find it counted or not: before it does anything, or when it is made again', () => {
    const before = ({ call, handle }: ReturnType<typeof start>) => {
      const arrived = call('kill');
      handle();
      call('msgsnd', { error: 'EINTR', waited: true, arrived });
    };
    expect(areFine(before, told)).toEqual([true, false, false, false]);
    expect(areFine(before, told, ({ send }) => send(DEBIT))).toEqual([true, true, false, false]);
    expect(areFine(before, told, ({ send, call }) => [call('kill'), send(DEBIT)])).toEqual([true, false, false, false]);
  });

  test('finds what was sent before', () => {
    expect(
      areFine(
        ({ send, call, handle }) => {
          send(DEBIT);
          call('sigprocmask');
          handle();
        },
        told,
        ({ send }) => send(CREDIT),
      ),
    ).toEqual([false, true, false, true]);
  });

  test('that came before another call had returned does not look at the next one', () => {
    const before = ({ call, handle }: ReturnType<typeof start>) => {
      const arrived = call('kill');
      handle();
      call('sigprocmask', { arrived });
    };
    expect(areFine(before, told, ({ send }) => send(DEBIT))).toEqual([true, false, false, false]);
  });

  test('knows what it has sent itself, and not what the one that it interrupts has', () => {
    const before = ({ send, handle }: ReturnType<typeof start>) => {
      handle('SIGUSR1');
      send(DEBIT, { inHandler: 'SIGUSR1' });
      handle();
      send(CREDIT, { inHandler: 'SIGINT' });
    };
    expect(areFine(before, [...told, [0, 1]])).toEqual([false, false, false, true, true]);
  });

  test('tells how many there may be', () => {
    const { send, handle, say, find } = start();
    send(DEBIT);
    send(DEBIT);
    handle();
    say(3, 0);
    expect(find().map(({ message, expected }) => [message, expected])).toEqual([
      ['receiver#1 printed "balance 3 0" when it had sent 1 or 2 debit messages.', '"balance 2 0"'],
    ]);
  });
});

test('without a handler, what has returned is counted, and what comes is not', () => {
  const told: [number, number][] = [
    [0, 0],
    [1, 0],
    [2, 0],
  ];
  const before = ({ builder, receiver, send }: ReturnType<typeof start>) => {
    builder.signal(builder.start('sender#1'), 'handler', 'kernel');
    send(DEBIT);
    builder.signal(receiver, 'ignored', 'kernel');
  };
  expect(areFine(before, told, ({ send }) => send(DEBIT))).toEqual([false, true, false]);
});

describe('a message that a thread sends', () => {
  const told: [number, number][] = [
    [0, 0],
    [1, 0],
    [2, 0],
  ];
  const sent = ({ send }: ReturnType<typeof start>) => send(DEBIT, { thread: 1 });

  test('is counted when the program has gone on', () => {
    expect(areFine(sent, told)).toEqual([true, true, false]);
    expect(areFine((program) => [sent(program), program.call('kill')], told)).toEqual([false, true, false]);
  });

  test('may not be known when the program was in the middle of something, nor to a handler', () => {
    const busy = (program: ReturnType<typeof start>) => {
      const seq = sent(program);
      program.call('kill', { arrived: seq - 1 });
      program.call('kill');
    };
    expect(areFine(busy, told)).toEqual([true, true, false]);
    const handling = (program: ReturnType<typeof start>) => [
      sent(program),
      program.handle(),
      program.call('kill', { inHandler: 'SIGINT' }),
    ];
    expect(areFine(handling, told)).toEqual([true, true, false]);
  });

  test('may be counted while it is on its way, but not before', () => {
    const arrivesBefore = (program: ReturnType<typeof start>) => program.send(DEBIT, { thread: 1, arrived: 0 });
    expect(areFine(() => {}, told, arrivesBefore)).toEqual([true, true, false]);
    expect(areFine(() => {}, told, sent)).toEqual([true, false, false]);
  });
});

test('a line that comes in pieces may be true from its first to its last', () => {
  const told = (numbers: string, ended = true) => {
    const { send, print, codes } = start();
    send(DEBIT);
    print('balance ');
    send(DEBIT);
    print(numbers);
    send(DEBIT);
    print(ended ? '\n' : '\nother\n');
    return codes();
  };
  expect(['0 0', '1 0', '2 0', '3 0', '4 0'].map((numbers) => told(numbers))).toEqual([
    ['too-few'],
    [],
    [],
    [],
    ['too-many'],
  ]);
});

test('the range is told of a line in pieces, too', () => {
  const { send, print, find } = start();
  print('balance ');
  for (let sent = 0; sent < 3; sent++) send(DEBIT);
  print('9 9\n');
  expect(find().map(({ message, expected }) => [message, expected])).toEqual([
    ['receiver#1 printed "balance 9 9" when it had sent 0 to 3 debit messages.', '"balance 3 0"'],
  ]);
});

test('a line that has no end counts, unless its process was killed over it or is ended by us', () => {
  const end = (ends: (builder: TraceBuilder, receiver: number) => void) => {
    const { builder, receiver, print, codes } = start();
    print('balance 0 1');
    ends(builder, receiver);
    return codes();
  };
  expect(end((builder, receiver) => builder.exit(receiver))).toEqual(['too-many']);
  expect(end((builder, receiver) => builder.die(receiver, 'SIGKILL'))).toEqual([]);
  expect(end(() => {})).toEqual([]);
});

test('a line that had its end counts, however its process ended', () => {
  const { builder, receiver, say, codes } = start();
  say(0, 1);
  builder.die(receiver, 'SIGKILL');
  expect(codes()).toEqual(['too-many']);
});

test('what holds after a planned signal is the lab’s to say', () => {
  const { builder, receiver, say, codes } = start();
  builder.signal(receiver);
  say(1, 1);
  expect(codes()).toEqual([]);
  expect(codes({ signalled: 'unreached' })).toEqual([]);
  expect(codes({ signalled: 'check' })).toEqual(['too-many']);
  const other = builder.start('receiver#2');
  builder.print(other, 'balance 1 0\n');
  expect(codes({ signalled: 'unreached' })).toEqual(['too-many']);
});

test('a line without a format in it is a mistake of the lab', () => {
  expect(toldCounts.parameters.safeParse({ role: 'receiver', line: 'balance' }).success).toBe(false);
});
