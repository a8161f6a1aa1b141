import { createDiagram, hasFailed, type Replay, renderReplay, renderTimeline } from '../../src/report/index.js';
import { terminates } from '../../src/rules/terminates.js';
import { TraceBuilder } from '../rules/trace-builder.js';
import { deadlock } from './pictures.js';
import { finding, linesOf } from './samples.js';

type Planned = Pick<Replay, 'token'> & Pick<Replay['trace'], 'misses'>;

const head = {
  lab: {
    id: '01-hello-queue',
    formats: {},
    rules: [
      { id: 'ends', title: 'Every process ends' },
      { id: 'removed', title: 'The queue is removed' },
    ],
  },
  scenario: { title: 'Parent and child move in every order' },
  token: { scenario: 'order', deviations: [], injections: [], faults: [] },
};

test('a run that went well is shown whole', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  builder.print(main, 'ok\n');
  builder.exit(main);
  const timeline = renderTimeline(builder.run(), 'all');
  expect(linesOf(renderReplay({ ...head, trace: builder.trace, timeline, findings: [] }, { color: false }))).toEqual([
    '01-hello-queue · order: Parent and child move in every order',
    '',
    '    0  main#1  starts',
    String.raw`    1  main#1  prints "ok\n"`,
    '    2  main#1  ends with exit status 0',
    '',
    '  Every process has ended.',
    '',
    '  No rule finds anything wrong in this run.',
    '',
  ]);
});

test.each([false, true])('a run that did not end shows who waits for what, and the findings (colours: %s)', (color) => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const queue = builder.queue(main);
  builder.send(main, queue, 7);
  const wait = {
    call: 3,
    name: 'msgrcv' as const,
    args: { msgtyp: 42 },
    kind: 'message' as const,
    queue,
    certain: true,
  };
  builder.end({ cause: 'deadlock', waits: [{ process: main, ...wait }] });
  const run = builder.run();
  const findings = terminates.check(run, { mayWait: [] }).map((found) => ({
    id: 'ends',
    finding: {
      ...found,
      processes: ['main#1'],
      scenario: 'order',
      token: 'order',
      timeline: renderTimeline(run, found),
      hints: [],
    },
  }));
  const timeline = renderTimeline(run, 'all');
  const text = renderReplay({ ...head, trace: builder.trace, timeline, findings }, { color });
  // oxlint-disable-next-line no-control-regex
  expect(linesOf(text.replaceAll(/\u001B\[\d+m/g, ''))).toEqual([
    '01-hello-queue · order: Parent and child move in every order',
    '',
    '    0  main#1  starts',
    '    1  main#1  msgget(IPC_PRIVATE, 0) = queue A',
    '  > 2  main#1  msgsnd(queue A, message of type 7) = 0',
    '  > 3  main#1  msgrcv(queue A, type 42) [waits for ever]',
    '',
    '  The run ended by deadlock:',
    '    main#1 waits for a message of type 42 in queue A, which holds one message,',
    '    of type 7',
    '',
    'ends',
    '  main#1 waits for a message of type 42 in queue A, which holds one message, of',
    '  type 7. Nobody is left to end the wait.',
    '',
    '  expected  every process ends',
    '  actual    main#1 waits for ever',
    '  why       A blocking call sleeps until what it asks for comes; if nobody is',
    '            left who could bring it, it sleeps for ever. [msgrcv(2), Lecture 6:',
    '            Synchronous Receive]',
    '',
    '  Fails: Every process ends.',
    '',
  ]);
});

test('a run of several processes is drawn, with what shows a finding in full below it; or told as a list', () => {
  const { run, finding: found } = deadlock();
  const timeline = renderTimeline(run, found);
  const [id, other] = ['ends', 'removed'].map((line) => ({
    id: line,
    finding: { ...finding, message: 'So.', timeline },
  }));
  const replayed: Replay = {
    ...head,
    trace: run.trace,
    timeline: renderTimeline(run, 'all'),
    diagram: createDiagram(run, 'all'),
    findings: [id!, other!],
  };
  const draw = (list: boolean): string[] => renderReplay(replayed, { color: false, list }).split('\n\n');
  const shown = [
    '  > 4  main#1    msgsnd(queue A, message of type 24) = 0',
    '  > 5  main#1    wait(main#1.1) [waits for ever]',
    '  > 6  main#1.1  msgrcv(queue A, type 42) [waits for ever]',
  ];
  const picture = [
    '        main#1                              main#1.1                     queue A',
    '    0   ┳ starts',
    '    1   ● msgget = queue A                                               []',
    '    2   ● fork = main#1.1 ────────────────╮',
    '    3   ┃                                 ╰▶┳ starts',
    '  > 4   ● msgsnd 24 "ping" ─▷               ┊                            [24]',
    '  > 5   ┊ wait main#1.1 waits for ever      ┊',
    '  > 6   ┊                                   ┊ msgrcv 42 waits for ever   ◀ here',
  ];
  const [, , ended, , ...rest] = draw(true);
  expect(draw(false)).toEqual([
    '01-hello-queue · order: Parent and child move in every order',
    picture.join('\n'),
    ended,
    'ends\n  So.',
    shown.join('\n'),
    ...rest,
  ]);
  expect(linesOf(draw(true)[1]!)).toEqual([
    '    0  main#1    starts',
    '    1  main#1    msgget(IPC_PRIVATE, 0) = queue A',
    '    2  main#1    fork() = main#1.1',
    '    3  main#1.1  starts (forked)',
    ...shown,
  ]);
});

describe('the last sentence of a replay', () => {
  const deviations = [
    { at: 'main#1', call: 2, to: 'main#1.1' },
    { at: 'main#1', call: 9, to: 'main#1.1' },
  ];
  const injections = [{ signal: 'SIGTERM' as const, process: 'main#1', call: 4, placement: 'before' as const }];
  const reached: Planned = { token: { ...head.token, deviations }, misses: [] };
  const missed: Planned = {
    token: { ...head.token, deviations, injections },
    misses: [{ deviation: 1, reason: 'not-reached' }],
  };
  const chosen: Planned = { ...missed, token: { ...missed.token, injections: [] } };

  /** The findings are of these lines; what they say does not matter here. */
  function replay(plan: Planned, line: string | undefined, ids: string[]) {
    const builder = new TraceBuilder();
    const main = builder.start('main#1');
    builder.call(main, 'msgget');
    builder.exit(main);
    builder.trace.misses = plan.misses;
    builder.trace.injections = plan.token.injections.map(() => ({ status: 'not-reached' as const }));
    const token = { ...plan.token, ...(line === undefined ? {} : { line }) };
    const findings = ids.map((id) => ({ id, finding: { ...finding, timeline: [] } }));
    const text = renderReplay({ ...head, token, trace: builder.trace, timeline: [], findings }, { color: false });
    return { last: linesOf(text.trimEnd().split('\n\n').at(-1)!), hasFailed: hasFailed({ token, findings }) };
  }

  test('says that the line still fails', () => {
    const last = ['  Still fails: Every process ends.'];
    expect(replay(reached, 'ends', ['ends'])).toEqual({ last, hasFailed: true });
    expect(replay(reached, 'ends', ['removed', 'ends'])).toEqual({ last, hasFailed: true });
  });

  test('says that it does even though the schedule could not be followed', () => {
    const last = [
      '  Still fails: Every process ends. And that though not all of the schedule was',
      '  reached:',
      "    step 2: expected main#1.1 to move after main#1's 9th turn; main#1 ended",
      '      after 2 turns instead.',
      '    expected SIGTERM to reach main#1 just before its call 4; main#1 ended',
      '      after 1 call instead.',
    ];
    expect(replay(missed, 'ends', ['ends'])).toEqual({ last, hasFailed: true });
  });

  test('says that it passes now, whatever else fails', () => {
    expect(replay(reached, 'ends', [])).toEqual({ last: ['  Passes now: Every process ends.'], hasFailed: false });
    expect(replay(reached, 'ends', ['removed'])).toEqual({
      last: ['  Passes now: Every process ends. Other rules fail in this run, as said above.'],
      hasFailed: false,
    });
  });

  test('says that the schedule is no longer reached, so that a pass proves little', () => {
    const last = [
      "  No longer reached at step 2: expected main#1.1 to move after main#1's 9th",
      '  turn; main#1 ended after 2 turns instead.',
      '  No longer reached: expected SIGTERM to reach main#1 just before its call 4;',
      '  main#1 ended after 1 call instead.',
      '  Passes in this run: Every process ends. But it could not follow the schedule,',
      '  so it proves little. Other rules fail in this run, as said above.',
    ];
    expect(replay(missed, 'ends', ['removed'])).toEqual({ last, hasFailed: false });
  });

  test('is about all rules where the token names no line', () => {
    expect(replay(reached, undefined, ['removed', 'ends', 'ends'])).toEqual({
      last: ['  Fails: The queue is removed; Every process ends.'],
      hasFailed: true,
    });
    expect(replay(reached, undefined, [])).toEqual({
      last: ['  No rule finds anything wrong in this run.'],
      hasFailed: false,
    });
    expect(replay(chosen, undefined, [])).toEqual({
      last: [
        "  No longer reached at step 2: expected main#1.1 to move after main#1's 9th",
        '  turn; main#1 ended after 2 turns instead.',
        '  No rule finds anything wrong in this run. But it could not follow the',
        '  schedule, so it proves little.',
      ],
      hasFailed: false,
    });
  });
});
