import * as fc from 'fast-check';
import { dropPolicy } from '../../src/rules/drop-policy.js';
import { check } from './expect-findings.js';
import { pack, TraceBuilder } from './trace-builder.js';

const formats = { item: { mtype: { min: 1, max: 1 }, fields: { number: 'int' } } };
const policies = ['wait', 'overwrite-oldest', 'discard-newest'] as const;
type Policy = (typeof policies)[number];
const ITEMS = 6;
const ROOM = 2;
const SIZE = 16;

/** The trace of a producer that follows the policy, without ever sleeping, and a consumer; who moves is chosen. */
class Play {
  refusals = 0;
  readonly #builder = new TraceBuilder();
  readonly #producer = this.#builder.start('producer#1');
  readonly #consumer = this.#builder.start('consumer#1');
  readonly #queue = this.#builder.queue(this.#producer);
  readonly #held: number[] = [];
  #next = 1;
  #mustMakeRoom = false;

  constructor(policy: Policy, moves: readonly boolean[]) {
    this.#builder.trace.queues[this.#queue]!.maxBytes = ROOM * SIZE;
    for (const isConsumers of moves) {
      if (isConsumers) this.#take(this.#consumer);
      else this.#produce(policy);
    }
    while (this.#next <= ITEMS) {
      this.#take(this.#consumer);
      this.#produce(policy);
    }
    while (this.#held.length > 0) this.#take(this.#consumer);
  }

  findCodes(policy: Policy): string[] {
    const parameters = { policy, format: 'item', number: 'number', count: ITEMS };
    return check(dropPolicy, this.#builder.run(formats), parameters).map(({ code }) => code);
  }

  #take(process: number): void {
    const message = this.#held.shift();
    if (message === undefined) this.#builder.call(process, 'msgrcv', { flags: ['IPC_NOWAIT'] }, { error: 'ENOMSG' });
    else this.#builder.receive(process, message);
  }

  #produce(policy: Policy): void {
    if (this.#mustMakeRoom) {
      this.#take(this.#producer);
      this.#mustMakeRoom = false;
    } else if (this.#next > ITEMS) {
      this.#take(this.#consumer);
    } else if (this.#held.length < ROOM) {
      this.#held.push(this.#builder.send(this.#producer, this.#queue, 1, pack(this.#next++)));
    } else {
      const args = { mtype: 1, sizeBytes: SIZE, flags: ['IPC_NOWAIT'] };
      this.#builder.call(this.#producer, 'msgsnd', args, { queue: this.#queue, error: 'EAGAIN' });
      this.refusals++;
      if (policy === 'discard-newest') this.#next++;
      this.#mustMakeRoom = policy === 'overwrite-oldest';
    }
  }
}

const moves = fc.array(fc.boolean(), { maxLength: 24 });

test.each(policies)('a program that does %s is fine by its own rule, in any order of the steps', (policy) => {
  fc.assert(
    fc.property(moves, (chosen) => {
      expect(new Play(policy, chosen).findCodes(policy)).toEqual([]);
    }),
  );
});

test.each(policies)('a program that does %s and never finds the queue full is fine by every rule', (policy) => {
  const alternating = Array.from({ length: 2 * ITEMS }, (_, index) => index % 2 === 1);
  expect(policies.map((other) => new Play(policy, alternating).findCodes(other))).toEqual([[], [], []]);
});

test('a program that discards breaks the other rules as soon as an item finds no room', () => {
  fc.assert(
    fc.property(moves, (chosen) => {
      const play = new Play('discard-newest', chosen);
      fc.pre(play.refusals > 0);
      expect(play.findCodes('wait')).toEqual(['lost']);
      expect(play.findCodes('overwrite-oldest')).toEqual(['lost']);
    }),
  );
});

test('a program that waits, or overwrites, keeps what should be discarded', () => {
  fc.assert(
    fc.property(moves, fc.constantFrom('wait', 'overwrite-oldest'), (chosen, policy) => {
      const play = new Play(policy, chosen);
      fc.pre(play.refusals > 0);
      expect(play.findCodes('discard-newest')).toContain('kept');
    }),
  );
});
