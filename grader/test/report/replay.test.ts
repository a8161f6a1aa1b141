import { renderReplay, renderTimeline } from '../../src/report/index.js';
import { terminates } from '../../src/rules/terminates.js';
import { TraceBuilder } from '../rules/trace-builder.js';
import { linesOf } from './samples.js';

const head = {
  lab: { id: '01-hello-queue', formats: {} },
  scenario: { title: 'Parent and child move in every order' },
  token: { scenario: 'order', injections: [] },
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
  builder.trace.injections = [{ status: 'not-reached' }, { status: 'landed', seq: 1 }];
  const run = builder.run();
  const findings = terminates.check(run, { mayWait: [] }).map((found) => ({
    id: 'ends',
    finding: {
      ...found,
      processes: ['main#1'],
      scenario: 'order',
      token: 'order',
      timeline: renderTimeline(run, found),
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
    '  1 planned signal did not land: not-reached',
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
  ]);
});
