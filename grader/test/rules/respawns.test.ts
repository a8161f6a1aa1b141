import { respawns } from '../../src/rules/respawns.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

function start() {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  const kill = (child: number) => {
    builder.signal(child, 'killed', 'scenario', 'before', 'SIGKILL');
    return builder.die(child, 'SIGKILL');
  };
  const wait = (child: number) => builder.wait(server, child);
  const find = (role = 'server') => check(respawns, builder.run(), { role });
  return { builder, server, kill, wait, find };
}

test('who forks another child for each that was killed passes, whatever else ends', () => {
  const { builder, server, kill, wait, find } = start();
  const [first, second, third] = [builder.fork(server), builder.fork(server), builder.fork(server)];
  const client = builder.start('client#1');
  kill(first);
  kill(second);
  for (const child of [first, second]) {
    wait(child);
    builder.fork(server);
  }
  builder.exit(third);
  kill(client);
  builder.stop(server);
  expect(find()).toEqual([]);
});

test('not-replaced: of two that die at once, one is not noticed', () => {
  const { builder, server, kill, wait, find } = start();
  const [first, second] = [builder.fork(server), builder.fork(server)];
  builder.trace.processes[second]!.name = 'server#1.2';
  kill(first);
  const death = kill(second);
  wait(first);
  const successor = builder.fork(server);
  const fork = builder.trace.events.findLast(({ kind }) => kind === 'call')!.seq;
  const told = builder.stop(server);
  wait(second);
  builder.exit(successor);
  builder.exit(server);
  expect(find()).toEqual([
    {
      code: 'not-replaced',
      message:
        'server#1 never noticed that its child server#1.2 had been killed: 2 children killed, 1 forked after that.',
      events: [death, fork, told],
      expected: 'one fork for each child that was killed',
      actual: '2 children killed, 1 forked after that',
      processes: [server, second],
    },
  ]);
  expect(find('client')).toEqual([]);
});

test('not-replaced: one is waited for, and has no successor; a fork that fails is none', () => {
  const { builder, server, kill, wait, find } = start();
  const child = builder.fork(server);
  const death = kill(child);
  wait(child);
  builder.call(server, 'fork', {}, { error: 'EAGAIN' });
  const told = builder.stop(server);
  builder.fork(server);
  expect(find()).toEqual([
    expect.objectContaining({
      message:
        'server#1 waited for its child server#1.1, which was killed, and forked none in its place: 1 child killed, 0 forked after that.',
      events: [death, told],
      processes: [server, child],
    }),
  ]);
});

test.each<[string, (world: ReturnType<typeof start>) => void]>([
  [
    'who was not told to stop: there was perhaps no time',
    ({ builder, server, kill }) => {
      kill(builder.fork(server));
      builder.exit(server);
    },
  ],
  [
    'a death after the stop',
    ({ builder, server, kill }) => {
      const child = builder.fork(server);
      builder.stop(server);
      kill(child);
    },
  ],
  [
    'a child that its own parent, or nobody, has killed',
    ({ builder, server }) => {
      builder.die(builder.fork(server), 'SIGKILL');
      builder.die(builder.fork(server), 'SIGSEGV');
      builder.stop(server);
    },
  ],
  [
    'a child that a planned signal reached, and that ended by itself',
    ({ builder, server }) => {
      const child = builder.fork(server);
      builder.signal(child);
      builder.exit(child);
      builder.stop(server);
    },
  ],
  [
    'a grandchild',
    ({ builder, server, kill }) => {
      kill(builder.fork(builder.fork(server)));
      builder.stop(server);
    },
  ],
])('nothing is said of %s', (_, happen) => {
  const world = start();
  happen(world);
  expect(world.find()).toEqual([]);
});
