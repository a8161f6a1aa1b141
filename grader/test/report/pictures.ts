import type { Run } from '../../src/model/run.js';
import type { Finding } from '../../src/rules/rule.js';
import { TraceBuilder } from '../rules/trace-builder.js';

/** A run, and what of it shows a finding. */
export interface Picture {
  run: Run;
  finding: Pick<Finding, 'rule' | 'events' | 'processes'>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Two clients ask a server; each gets the other's reply. */
export function crossReplies(first = 'hello', second = 'hi'): Picture {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  const queue = builder.queue(server, 68);
  const clients = [builder.start('client#1'), builder.start('client#2')] as const;
  const requests = [first, second].map((text, index) => builder.send(clients[index]!, queue, 1, bytes(text)));
  const replies = requests.map((request, index) => {
    builder.receive(server, request, -2, index === 0 ? { waited: true, arrived: 1 } : {});
    return builder.send(server, queue, 9, bytes([first, second][index]!.toUpperCase()));
  });
  const wrong = builder.receive(clients[1], replies[0]!, 9);
  builder.print(clients[1], `${first.toUpperCase()}\n`);
  builder.receive(clients[0], replies[1]!, 9);
  for (const process of [...clients, server]) builder.exit(process);
  const { sentAt } = builder.trace.messages[replies[0]!]!;
  return { run: builder.run(), finding: { rule: 'pairing', events: [4, sentAt!, wrong], processes: [...clients] } };
}

/** Parent and child wait for each other. */
export function deadlock(): Picture {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const queue = builder.queue(main);
  const child = builder.fork(main);
  builder.send(main, queue, 24, bytes('ping'));
  const wait = { call: 9, certain: true };
  builder.end({
    cause: 'deadlock',
    waits: [
      { ...wait, process: main, name: 'wait', args: { pid: 20_001 }, kind: 'child' },
      { ...wait, process: child, name: 'msgrcv', args: { msgtyp: 42 }, kind: 'message', queue },
    ],
  });
  return { run: builder.run(), finding: { rule: 'terminates', events: [4], processes: [main, child] } };
}

/** A server is told to stop just before it goes to sleep; it had just answered. */
export function lostWakeUp(): Picture {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  builder.call(server, 'sigaction', { signal: 'SIGTERM', disposition: 'handler' });
  const queue = builder.queue(server, 68);
  const client = builder.start('client#1');
  const request = builder.send(client, queue, 1, bytes('hello'));
  builder.receive(server, request, -2, { waited: true, arrived: 2 });
  const reply = builder.send(server, queue, 20_001, bytes('HELLO'));
  const signal = builder.signal(server);
  const taken = builder.receive(client, reply, 20_001, { waited: true, arrived: 4 });
  builder.print(client, 'HELLO\n');
  builder.exit(client);
  const wait = { call: 5, name: 'msgrcv' as const, args: { msgtyp: -2 }, kind: 'message' as const, certain: true };
  builder.end({ cause: 'deadlock', waits: [{ ...wait, process: server, queue }] });
  return { run: builder.run(), finding: { rule: 'terminates', events: [signal, taken], processes: [server] } };
}

/** A parent forks, tells its child to stop, and takes its exit status. */
export function forkAndKill(): Picture {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const child = builder.fork(main);
  builder.call(child, 'sigaction', { signal: 'SIGTERM', disposition: 'handler' });
  const semaphores = { semaphores: 0, args: { id: 7, operations: [{ num: 0, op: -1, flags: [] }] } };
  builder.call(main, 'kill', { pid: 20_001, signal: 'SIGTERM' }, { target: child });
  builder.signal(child, 'handler', main);
  builder.call(child, 'semop', semaphores.args, { semaphores: 0, error: 'EINTR', waited: true, arrived: 3 });
  builder.call(child, 'shmat', { id: 3 });
  const exit = builder.exit(child, 3);
  builder.call(
    main,
    'wait',
    { pid: 20_001, status: { code: 3 } },
    { target: child, result: 20_001, waited: true, arrived: 4 },
  );
  builder.exit(main);
  return { run: builder.run(), finding: { rule: 'exit-status', events: [exit], processes: [child] } };
}

/** The queue is removed with two messages in it, while a client waits; and there is another queue. */
export function removePending(): Picture {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  builder.queue(null, 5);
  const queue = builder.queue(server, 68);
  const clients = [builder.start('client#1'), builder.start('client#2')] as const;
  builder.send(clients[0], queue, 2, bytes('one'));
  builder.send(clients[0], queue, 1, bytes('two'));
  const came = builder.send(clients[1], queue, 3);
  builder.print(clients[0], 'sent\n');
  const removal = builder.remove(server, queue);
  builder.exit(server);
  builder.call(clients[1], 'msgrcv', { msgtyp: 9 }, { queue, error: 'EIDRM', waited: true, arrived: removal - 2 });
  for (const process of clients) builder.exit(process);
  const { sentAt } = builder.trace.messages[came]!;
  return { run: builder.run(), finding: { rule: 'queues-removed', events: [sentAt!, removal], processes: [server] } };
}

/** Seven clients, of which the sixth is overtaken. */
export function manyClients(clients = 7): Picture {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  const queue = builder.queue(server, 68);
  const started = Array.from({ length: clients }, (_, index) => builder.start(`client#${index + 1}`));
  const requests = started.map((client, index) =>
    builder.send(client, queue, (index % 2) + 1, bytes(`request ${index}`)),
  );
  const taken = requests.toReversed().map((request) => builder.receive(server, request, -2));
  for (const process of [...started, server]) builder.exit(process);
  const sends = requests.map((request) => builder.trace.messages[request]!.sentAt!);
  return {
    run: builder.run(),
    finding: { rule: 'priority-order', events: [...sends, taken[1]!, taken[2]!], processes: [server] },
  };
}

/** Two processes whose texts and names a terminal shows in other widths than they have letters. */
export function wideCharacters(): Picture {
  const builder = new TraceBuilder();
  const writer = builder.start('作者#1');
  const queue = builder.queue(writer);
  const reader = builder.start('reader#1');
  const message = builder.send(writer, queue, 5, bytes('x'));
  const taken = builder.receive(reader, message, 5);
  builder.print(reader, '世界、こんにちは。世界、こんにちは。🙂 e\u0301te\u0301\n');
  builder.print(reader, '\u001B[2J\u202E', 'stderr');
  return { run: builder.run(), finding: { rule: 'output', events: [taken], processes: [reader] } };
}
