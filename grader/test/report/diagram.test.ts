import * as fc from 'fast-check';
import { createDiagram } from '../../src/report/create-diagram.js';
import { type DiagramOptions, renderDiagram } from '../../src/report/diagram.js';
import { measureText } from '../../src/report/text.js';
import { diagramSchema } from '../../src/score/diagram.js';
import { TraceBuilder } from '../rules/trace-builder.js';
import {
  crossReplies,
  deadlock,
  forkAndKill,
  lostWakeUp,
  manyClients,
  type Picture,
  removePending,
  wideCharacters,
} from './pictures.js';
import { linesOf } from './samples.js';

function draw({ run, finding }: Picture, which: 'finding' | 'all' = 'finding', options: Partial<DiagramOptions> = {}) {
  const diagram = createDiagram(run, which === 'all' ? 'all' : finding)!;
  return linesOf(renderDiagram(diagram, { color: false, ...options }));
}

test('replies that cross: each message is an arrow from where it was sent to where it came', () => {
  expect(draw(crossReplies())).toEqual([
    '         client#1         client#2              server#1              queue A',
    '  >  4   ● msgsnd 1 ──────╂───────────────────╮ ┊                     [1]',
    '         ┃ "hello"        ┃                   │ ┊',
    '     5   ┃                ● msgsnd 1 "hi" ──╮ │ ┊                     [1,1]',
    '     6   ┃                ┃                 │ ╰▶● msgrcv ≤2 = 1       [1]',
    '         ┃                ┃                 │   ┃ "hello"',
    '  >  7   ┃                ┃                 │ ╭─● msgsnd 9 "HELLO"    [1,9]',
    '     8   ┃                ┃                 ╰─┼▶● msgrcv ≤2 = 1 "hi"  [9]',
    '     …   ┃                ┃                   │ ┃',
    '  > 10   ┃                ● msgrcv 9 = 9 ◀────╯ ┃                     [9] ◀ here',
    '         ┃                ┃ "HELLO"             ┃',
  ]);
});

test('a whole run has all its events', () => {
  expect(draw(crossReplies(), 'all')).toEqual([
    '         server#1                  client#1           client#2           queue A',
    '     0   ┳ starts',
    '     1   ● msgget = queue A                                              []',
    '     2   ┊                         ┳ starts',
    '     3   ┊                         ┃                  ┳ starts',
    '     4   ┊                       ╭─● msgsnd 1         ┃                  [1]',
    '         ┊                       │ ┃ "hello"          ┃',
    '     5   ┊                       │ ┃                ╭─● msgsnd 1 "hi"    [1,1]',
    '     6   ● msgrcv ≤2 = 1 ◀───────╯ ┃                │ ┃                  [1]',
    '         ┃ "hello"                 ┃                │ ┃',
    '     7   ● msgsnd 9 "HELLO" ─────╮ ┃                │ ┃                  [1,9]',
    '     8   ● msgrcv ≤2 = 1 ◀───────┼─╂────────────────╯ ┃                  [9]',
    '         ┃ "hi"                  │ ┃                  ┃',
    '     9   ● msgsnd 9 "HI" ──────╮ │ ┃                  ┃                  [9,9]',
    '    10   ┃                     │ ╰─╂─────────────────▶● msgrcv 9 = 9     [9]',
    '         ┃                     │   ┃                  ┃ "HELLO"',
    String.raw`    11   ┃                     │   ┃                  ● prints "HELLO\n"`,
    '    12   ┃                     ╰──▶● msgrcv 9 = 9     ┃                  []',
    '         ┃                         ┃ "HI"             ┃',
    '    13   ┃                         ┻ exit 0           ┃',
    '    14   ┃                                            ┻ exit 0',
    '    15   ┻ exit 0',
  ]);
});

test('in plain ASCII', () => {
  expect(draw(crossReplies(), 'finding', { ascii: true })).toEqual([
    '         client#1         client#2              server#1              queue A',
    '  >  4   * msgsnd 1 ------+-------------------. :                     [1]',
    '         | "hello"        |                   | :',
    '     5   |                * msgsnd 1 "hi" --. | :                     [1,1]',
    "     6   |                |                 | '>* msgrcv <=2 = 1      [1]",
    '         |                |                 |   | "hello"',
    '  >  7   |                |                 | .-* msgsnd 9 "HELLO"    [1,9]',
    '     8   |                |                 \'-+>* msgrcv <=2 = 1 "hi" [9]',
    '   ...   |                |                   | |',
    "  > 10   |                * msgrcv 9 = 9 <----' |                     [9] < here",
    '         |                | "HELLO"             |',
  ]);
});

test('a deadlock: who waits has a dotted lane, to the end', () => {
  expect(draw(deadlock())).toEqual([
    '        main#1                              main#1.1                     queue A',
    '    0   ┳ starts',
    '    1   ● msgget = queue A                                               []',
    '    2   ● fork = main#1.1 ────────────────╮',
    '    3   ┃                                 ╰▶┳ starts',
    '  > 4   ● msgsnd 24 "ping" ─▷               ┊                            [24]',
    '  > 5   ┊ wait main#1.1 waits for ever      ┊',
    '  > 6   ┊                                   ┊ msgrcv 42 waits for ever   ◀ here',
  ]);
});

test('a signal just before a call that then sleeps', () => {
  expect(draw(lostWakeUp())).toEqual([
    '         client#1                           server#1                     queue A',
    '     4   ● msgsnd 1 "hello" ──────────────╮ ┊                            [1]',
    '     5   ┊                                ╰▶● msgrcv ≤2 = 1 "hello"      []',
    '     6   ┊                                ╭─● msgsnd 20001 "HELLO"       [20001]',
    '  >  7   ┊                                │ ● ⚡ SIGTERM before call 1',
    '  >  8   ● msgrcv 20001 = 20001 "HELLO" ◀─╯ ┊                            []',
    '     …   ┃                                  ┊',
    '  > 11                                      ┊ msgrcv ≤2 waits for ever   ◀ here',
  ]);
});

test('a fork begins a lane, a signal is an arrow, and an interrupted call is shown with it', () => {
  expect(draw(forkAndKill())).toEqual([
    '        main#1                        main#1.1',
    '    1   ● fork = main#1.1 ──────────╮',
    '    2   ┃                           ╰▶┳ starts',
    '    …   ┃                             ┃',
    '    4   ● kill main#1.1, SIGTERM ───╮ ┊',
    '    5   ┊                           ╰▶● ⚡ SIGTERM',
    '    6   ┊                             ● semop id 7, 0: -1 = EINTR',
    '    …   ┊                             ┃',
    '  > 8   ┊                             ┻ exit 3                       ◀ here',
  ]);
});

test('semaphores, shared memory and a parent that waits for its child', () => {
  expect(draw(forkAndKill(), 'all')).toEqual([
    '         main#1                         main#1.1',
    '     0   ┳ starts',
    '     1   ● fork = main#1.1 ───────────╮',
    '     2   ┃                            ╰▶┳ starts',
    '     3   ┃                              ● sigaction SIGTERM, handler',
    '     4   ● kill main#1.1, SIGTERM ────╮ ┊',
    '     5   ┊                            ╰▶● ⚡ SIGTERM',
    '     6   ┊                              ● semop id 7, 0: -1 = EINTR',
    '     7   ┊                              ● shmat id 3',
    '     8   ┊                              ┻ exit 3',
    '     9   ● wait = main#1.1, exit 3',
    '    10   ┻ exit 0',
  ]);
});

test('a queue that is removed with messages in it, and whom that woke', () => {
  expect(draw(removePending())).toEqual([
    '         client#1            client#2           server#1        queue B',
    '     4   ● msgsnd 2 ─▷       ┃                  ┃               [2]',
    '         ┃ "one"             ┃                  ┃',
    '     5   ● msgsnd 1 ─▷       ┃                  ┃               [2,1]',
    '         ┃ "two"             ┃                  ┃',
    '  >  6   ┃                   ● msgsnd 3 ─▷      ┃               [2,1,3]',
    '     …   ┃                   ┊                  ┃',
    '  >  8   ┃                   ┊                  ✗ msgctl        ✗ [2,1,3] ◀ here',
    '         ┃                   ┊                  ┃ IPC_RMID',
    '     …   ┃                   ┊                  ┃',
    '    10   ┃                   ● msgrcv 9 =',
    '         ┃                   ┃ EIDRM',
  ]);
});

test('of several queues each is named', () => {
  const builder = new TraceBuilder();
  const [one, two] = [builder.start('a#1'), builder.start('b#1')];
  const queues = [builder.queue(one), builder.queue(one)] as const;
  const taken = builder.receive(two, builder.send(one, queues[1], 7), 0, { waited: true, arrived: 3 });
  builder.remove(one, queues[0]);
  const wait = { call: 2, name: 'msgrcv' as const, args: { msgtyp: 9 }, kind: 'message' as const, certain: true };
  builder.end({ cause: 'deadlock', waits: [{ ...wait, process: two, queue: queues[1] }] });
  expect(draw({ run: builder.run(), finding: { rule: 'terminates', events: [taken], processes: [two] } })).toEqual([
    '        a#1                      b#1                            queues',
    '    0   ┳ starts',
    '    1   ┃                        ┳ starts',
    '    2   ● msgget = queue A       ┃                              A []',
    '    3   ● msgget = queue B       ┃                              B []',
    '    4   ● msgsnd B 7 ──────────╮ ┊                              B [7]',
    '  > 5   ┃                      ╰▶● msgrcv B any = 7             B []',
    '    6   ✗ msgctl A IPC_RMID      ┊                              A ✗',
    '  > 7   ┃                        ┊ msgrcv B 9 waits for ever    ◀ here',
  ]);
});

test('many processes stand close, and the texts to their right', () => {
  expect(draw(manyClients())).toEqual([
    '         client#1',
    '         ┃  client#2',
    '         ┃  ┃  client#3',
    '         ┃  ┃  ┃  client#4',
    '         ┃  ┃  ┃  ┃  client#5',
    '         ┃  ┃  ┃  ┃  ┃  client#6',
    '         ┃  ┃  ┃  ┃  ┃  ┃  client#7',
    '         ┃  ┃  ┃  ┃  ┃  ┃  ┃  server#1                             queue A',
    '  >  9   ●╮ ┃  ┃  ┃  ┃  ┃  ┃  ┃  client#1  msgsnd 1 "request 0"    [1]',
    '  > 10   ┃│ ●╮ ┃  ┃  ┃  ┃  ┃  ┃  client#2  msgsnd 2 "request 1"    [1,2]',
    '  > 11   ┃│ ┃│ ●╮ ┃  ┃  ┃  ┃  ┃  client#3  msgsnd 1 "request 2"    [1,2,1]',
    '  > 12   ┃│ ┃│ ┃│ ●╮ ┃  ┃  ┃  ┃  client#4  msgsnd 2 "request 3"    [1,2,1,2]',
    '  > 13   ┃│ ┃│ ┃│ ┃│ ●╮ ┃  ┃  ┃  client#5  msgsnd 1 "request 4"    [1,2,1,2,1]',
    '  > 14   ┃│ ┃│ ┃│ ┃│ ┃│ ●╮ ┃  ┃  client#6  msgsnd 2 "request 5"    [1,2,1,2,1,2]',
    '  > 15   ┃│ ┃│ ┃│ ┃│ ┃│ ┃│ ●╮ ┃  client#7  msgsnd 1 "request 6"    [1,2,1,2,…3]',
    '    16   ┃│ ┃│ ┃│ ┃│ ┃│ ┃│ ┃╰▶●  server#1  msgrcv ≤2 = 1 "request  [1,2,1,2,1,2]',
    '         ┃│ ┃│ ┃│ ┃│ ┃│ ┃│ ┃  ┃            6"',
    '  > 17   ┃│ ┃│ ┃│ ┃│ ┃│ ┃╰─╂─▶●  server#1  msgrcv ≤2 = 2 "request  [1,2,1,2,1]',
    '         ┃│ ┃│ ┃│ ┃│ ┃│ ┃  ┃  ┃            5"',
    '  > 18   ┃│ ┃│ ┃│ ┃│ ┃╰─╂──╂─▶●  server#1  msgrcv ≤2 = 1 "request  [1,2,1,2]',
    '         ┃│ ┃│ ┃│ ┃│ ┃  ┃  ┃  ┃            4"                      ◀ here',
    '    19   ┃│ ┃│ ┃│ ┃╰─╂──╂──╂─▶●  server#1  msgrcv ≤2 = 2 "request  [1,2,1]',
    '         ┃│ ┃│ ┃│ ┃  ┃  ┃  ┃  ┃            3"',
    '    20   ┃│ ┃│ ┃╰─╂──╂──╂──╂─▶●  server#1  msgrcv ≤2 = 1 "request  [1,2]',
    '         ┃│ ┃│ ┃  ┃  ┃  ┃  ┃  ┃            2"',
    '    21   ┃│ ┃╰─╂──╂──╂──╂──╂─▶●  server#1  msgrcv ≤2 = 2 "request  [1]',
    '         ┃│ ┃  ┃  ┃  ┃  ┃  ┃  ┃            1"',
    '    22   ┃╰─╂──╂──╂──╂──╂──╂─▶●  server#1  msgrcv ≤2 = 1 "request  []',
    '         ┃  ┃  ┃  ┃  ┃  ┃  ┃  ┃            0"',
  ]);
});

test('letters of two columns and of none; what a terminal would act on is written as an escape', () => {
  expect(draw(wideCharacters())).toEqual([
    '        作者#1           reader#1                                      queue A',
    '    0   ┳ starts',
    '    1   ● msgget =                                                     []',
    '        ┃ queue A',
    '    2   ┃                ┳ starts',
    '    3   ● msgsnd 5 ────╮ ┃                                             [5]',
    '        ┃ "x"          │ ┃',
    '  > 4   ┃              ╰▶● msgrcv 5 = 5 "x"                            [] ◀ here',
    '    5   ┃                ● prints',
    '        ┃                ┃ "世界、こんにちは。世界、こんにちは。🙂',
    String.raw`        ┃                ┃ été\n"`,
    String.raw`    6   ┃                ● stderr "\u001b[2J\u202e"`,
  ]);
});

test('where it went wrong is red, what shows it is bold, and no letter changes', () => {
  const colored = draw(deadlock(), 'finding', { color: true });
  expect(colored.slice(-2)).toEqual([
    '  \u001B[1m>\u001B[22m \u001B[1m5\u001B[22m   \u001B[1m┊\u001B[22m \u001B[1mwait main#1.1 waits for ever\u001B[22m      \u001B[2m┊\u001B[22m',
    '  \u001B[31m>\u001B[39m \u001B[31m6\u001B[39m   \u001B[2m┊\u001B[22m                                   \u001B[31m┊\u001B[39m \u001B[31mmsgrcv 42 waits for ever\u001B[39m   \u001B[31m◀ here\u001B[39m',
  ]);
  // oxlint-disable-next-line no-control-regex
  expect(colored.map((line) => line.replaceAll(/\u001B\[\d+m/g, ''))).toEqual(draw(deadlock()));
});

test('a picture of one process says no more than a list: there is none', () => {
  const builder = new TraceBuilder();
  builder.exit(builder.start('main#1'));
  expect(createDiagram(builder.run(), { rule: 'output', events: [1], processes: [0] })).toBeUndefined();
  expect(createDiagram(builder.run(), 'all')).toBeUndefined();
});

test('in a room too narrow for lanes it is a list', () => {
  expect(draw(deadlock(), 'finding', { width: 40 })).toEqual([
    '    0 main#1    starts',
    '    1 main#1    msgget = queue A []',
    '    2 main#1    fork = main#1.1',
    '    3 main#1.1  starts',
    '  > 4 main#1    msgsnd 24 "ping" [24]',
    '  > 5 main#1    wait main#1.1',
    '                waits for ever',
    '  > 6 main#1.1  msgrcv 42 waits  ◀ here',
    '                for ever',
  ]);
});

test('of a message that came before, or went where nothing is shown, there is the head of an arrow', () => {
  const builder = new TraceBuilder();
  const queue = builder.queue(null, 5);
  const [one, two] = [builder.start('a#1'), builder.start('b#1')];
  const first = builder.send(one, queue, 1);
  Object.assign(builder.trace.messages[first]!, { sender: null, sentAt: null });
  builder.receive(two, first);
  builder.send(one, queue, 3);
  const finding = { rule: 'output', events: [3], processes: [two] };
  expect(draw({ run: builder.run(), finding })).toEqual([
    '        a#1             b#1                 queue A',
    '    0   ┳ starts',
    '    1   ┃               ┳ starts',
    '    2   ● msgsnd 1      ┃                   [1]',
    '  > 3   ┃              ▷● msgrcv any = 1    [] ◀ here',
    '    4   ● msgsnd 3 ─▷   ┃                   [3]',
  ]);
});

test('the data of a picture is what result.json may hold', () => {
  for (const { run, finding } of [crossReplies(), deadlock(), forkAndKill(), removePending()])
    for (const which of [finding, 'all' as const]) {
      const diagram = createDiagram(run, which);
      expect(diagramSchema.parse(diagram)).toEqual(diagram);
    }
});

/** Runs of any processes that send, receive, print, fork, wait and end as it comes. */
const randomRuns = fc
  .array(fc.tuple(fc.nat(6), fc.nat(11), fc.string({ unit: 'grapheme', maxLength: 40 })), {
    minLength: 2,
    maxLength: 60,
  })
  .map((steps) => {
    const builder = new TraceBuilder();
    const queue = builder.queue(null, 5);
    const living = [builder.start('server#1'), builder.start('client#1')];
    const waiting: number[] = [];
    for (const [who, what, text] of steps) {
      const process = living[who % living.length]!;
      const bytes = new TextEncoder().encode(text);
      if (what < 4) waiting.push(builder.send(process, queue, what * 5000 + 1, bytes));
      else if (what < 7 && waiting.length > 0)
        builder.receive(process, waiting.splice(who % waiting.length, 1)[0]!, 0, { waited: what === 6, arrived: 2 });
      else if (what === 7) builder.print(process, text, who % 2 === 0 ? 'stdout' : 'stderr');
      else if (what === 8 && living.length < 12) living.push(builder.fork(process));
      else if (what === 9) builder.signal(process);
      else if (what === 10 && living.length > 2) builder.exit(living.splice(who % living.length, 1)[0]!);
      else builder.call(process, 'semop', { id: 1 }, { semaphores: 0, waited: true, arrived: 2 });
    }
    const wait = { call: 99, name: 'msgrcv' as const, args: { msgtyp: 9 }, kind: 'message' as const, certain: true };
    return builder.end({ cause: 'deadlock', waits: living.map((process) => ({ ...wait, process, queue })) }).run();
  });

test('whatever happened, every event has its line, and no line is longer than the room', () => {
  const events = fc.array(fc.nat(200), { minLength: 1, maxLength: 3 });
  const options = { ascii: fc.boolean(), width: fc.integer({ min: 60, max: 160 }) };
  fc.assert(
    fc.property(randomRuns, events, fc.record(options), (run, some, { ascii, width }) => {
      const shown = some.map((each) => each % run.trace.events.length);
      for (const rule of ['output', 'terminates', 'all']) {
        const diagram = createDiagram(run, rule === 'all' ? 'all' : { rule, events: shown, processes: [0] });
        if (!diagram) continue;
        const text = renderDiagram(diagram, { color: false, ascii, width });
        const lines = linesOf(text);
        expect(Math.max(...lines.map(measureText))).toBeLessThanOrEqual(width);
        const seqs = lines.flatMap((line) => /^ {2}[ >] +(\d+) /.exec(`${line} `)?.[1] ?? []).map(Number);
        const all = rule === 'all' ? run.trace.events.map(({ seq }) => seq) : shown;
        expect(seqs).toEqual(diagram.rows.map(({ seq }) => seq));
        expect(seqs).toEqual(expect.arrayContaining(all));
        expect(text).not.toMatch(ascii ? /[^\x20-\x7E\n]/ : /[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u);
      }
    }),
    { numRuns: 100 },
  );
});
