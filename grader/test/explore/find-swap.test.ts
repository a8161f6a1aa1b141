import { createSchedule, type Schedule } from '@ipclab/harness';
import type { Deviation, Trace } from '@ipclab/native/supervisor';
import * as fc from 'fast-check';
import { findSwap, type SwapOptions } from '../../src/explore/find-swap.js';
import { listMoves, runWorld, type World } from './fake-world.js';

const TWO: World = { 'client#1': ['msgget', 'msgsnd', 'msgctl'], 'client#2': ['msgget', 'msgsnd', 'msgctl'] };
const move = (at: string, call: number, to: string): Deviation => ({ at, call, to });
const indexOf = (trace: Trace, what: string): number => listMoves(trace).indexOf(what);
const precedes = (trace: Trace, first: string, second: string): boolean =>
  indexOf(trace, first) < indexOf(trace, second);

async function find(
  world: World,
  schedule: Partial<Schedule>,
  passes: (trace: Trace) => boolean,
  change: Partial<SwapOptions> = {},
) {
  const asked: Schedule[] = [];
  const swap = await findSwap({
    schedule: createSchedule(schedule),
    run: (each) => {
      asked.push(each);
      return Promise.resolve(runWorld(world, each));
    },
    passes,
    maxRuns: 100,
    ...change,
  });
  return { swap, asked };
}
const recorded = (...deviations: Deviation[]): Schedule => createSchedule({ deviations, recordPoints: true });

describe('the choice on which a failing run turns', () => {
  // start, msgget of client#1; start, msgget, msgsnd of client#2; msgsnd, msgctl of client#1; msgctl of client#2.
  const deviations = [move('client#1', 2, 'client#2'), move('client#2', 3, 'client#1')];

  test('is where two that move one after the other change places, all else as before', async () => {
    const { swap, asked } = await find(TWO, { deviations }, (trace) =>
      precedes(trace, 'client#1 msgsnd', 'client#2 msgsnd'),
    );
    expect(swap).toEqual({
      seq: 4,
      first: { process: 'client#2', move: 'msgsnd' },
      second: { process: 'client#1', move: 'msgsnd' },
      isAdjacent: true,
    });
    expect(asked).toHaveLength(6);
    expect(asked[0]).toEqual(recorded(...deviations));
    // From the last choice back; these still fail.
    expect(asked[1]).toEqual(recorded(...deviations, move('client#1', 3, 'client#2')));
    expect(asked[2]).toEqual(recorded(move('client#1', 2, 'client#2')));
    expect(listMoves(runWorld(TWO, asked.at(-1)!))).toEqual([
      'client#1 start',
      'client#1 msgget',
      'client#2 start',
      'client#2 msgget',
      'client#1 msgsnd',
      'client#2 msgsnd',
      'client#1 msgctl',
      'client#2 msgctl',
    ]);
  });

  test('is found where only the exact change of places helps', async () => {
    const { swap } = await find(
      TWO,
      { deviations },
      (trace) =>
        precedes(trace, 'client#1 msgsnd', 'client#2 msgsnd') && precedes(trace, 'client#2 msgsnd', 'client#1 msgctl'),
    );
    expect(swap).toEqual({
      seq: 4,
      first: { process: 'client#2', move: 'msgsnd' },
      second: { process: 'client#1', move: 'msgsnd' },
      isAdjacent: true,
    });
  });

  test('may be one after which the run goes another way', async () => {
    const { swap } = await find(TWO, { deviations: [move('', 0, 'client#2')] }, (trace) =>
      precedes(trace, 'client#1 msgctl', 'client#2 msgctl'),
    );
    expect(swap).toEqual({
      seq: 3,
      first: { process: 'client#2', move: 'msgctl' },
      second: { process: 'client#1', move: 'start' },
      isAdjacent: false,
    });
  });

  test('may be one of three, and keeps signals, faults and absences', async () => {
    const three: World = { 'server#1': ['msgget'], ...TWO, 'client#3': ['msgsnd'] };
    const happenings = {
      injections: [{ signal: 'SIGTERM' as const, process: 'client#1', call: 1, placement: 'before' as const }],
      faults: [{ process: 'client#2', call: 1, effect: 'ENOSPC' as const }],
      absent: ['client#3'],
    };
    const { swap, asked } = await find(three, { ...happenings, deviations: [] }, (trace) =>
      precedes(trace, 'client#1 msgctl', 'server#1 msgget'),
    );
    expect(swap).toEqual({
      seq: 1,
      first: { process: 'server#1', move: 'msgget' },
      second: { process: 'client#1', move: 'start' },
      isAdjacent: false,
    });
    expect(
      asked.every((each) => each.absent[0] === 'client#3' && each.injections.length + each.faults.length === 2),
    ).toBe(true);
  });

  test('may be to let one go on that waits for ever in the failing run', async () => {
    const world: World = { 'a#1': ['msgsnd'], 'b#1': ['msgrcv'], 'c#1': ['msgrcv', 'msgsnd'] };
    const { swap } = await find(world, {}, ({ end }) => end.cause === 'completed');
    expect(swap).toEqual({
      seq: 3,
      first: { process: 'b#1', move: 'msgrcv' },
      second: { process: 'c#1', move: 'start' },
      isAdjacent: false,
    });
  });
});

describe('there is no such choice', () => {
  test('in a run that passes', async () => {
    expect(await find(TWO, {}, () => true)).toEqual({ swap: undefined, asked: [recorded()] });
  });
  test('in a run without choices', async () => {
    expect(await find({ 'a#1': ['msgget'] }, {}, () => false)).toEqual({ swap: undefined, asked: [recorded()] });
  });
  test('where each choice fails either way', async () => {
    const { swap, asked } = await find(TWO, {}, () => false);
    expect(swap).toBeUndefined();
    // client#1 has four choices; at the last client#2 comes next, so that the two change places too.
    expect(asked).toHaveLength(1 + 4 + 1);
  });
  test('that was found before the runs were used up, or it was interrupted', async () => {
    const passes = (trace: Trace) => precedes(trace, 'client#2 start', 'client#1 start');
    const { swap, asked } = await find(TWO, {}, passes);
    expect(swap).toMatchObject({ seq: 0, second: { process: 'client#2', move: 'start' } });
    for (let maxRuns = 0; maxRuns < asked.length - 1; maxRuns++) {
      const cut = await find(TWO, {}, passes, { maxRuns });
      expect(cut).toEqual({ swap: undefined, asked: asked.slice(0, maxRuns) });
    }
    expect(await find(TWO, {}, passes, { abort: AbortSignal.abort() })).toEqual({ swap: undefined, asked: [] });
  });
});

test('whatever fails, the same runs give the same choice, and a run in which it alone is another passes', async () => {
  const names = fc.constantFrom('client#1', 'client#2', 'server#1');
  const world: World = { 'server#1': ['msgget', 'msgrcv', 'msgrcv', 'msgctl'], ...TWO };
  const deviation = fc.record({ at: names, call: fc.integer({ min: 1, max: 4 }), to: names });
  await fc.assert(
    fc.asyncProperty(fc.array(deviation, { maxLength: 6 }), fc.nat(), async (deviations, salt) => {
      // By the order of all moves, in no way that helps the search.
      const passes = (trace: Trace): boolean =>
        Array.from(listMoves(trace).join()).reduce(
          (sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 65_521,
          salt,
        ) %
          4 ===
        0;
      const [found, again] = [await find(world, { deviations }, passes), await find(world, { deviations }, passes)];
      expect(again).toEqual(found);
      const { swap, asked } = found;
      if (!swap) return;
      const [before, after] = [asked[0]!, asked.at(-1)!].map((each) => runWorld(world, each));
      const from = swap.seq;
      expect(listMoves(after!).slice(0, from)).toEqual(listMoves(before!).slice(0, from));
      expect(listMoves(after!)[from]).toMatch(`${swap.second.process} `);
      expect(listMoves(before!)[from]).toBe(`${swap.first.process} ${swap.first.move}`);
      expect(asked.slice(1).some((each) => passes(runWorld(world, each)))).toBe(true);
      if (swap.isAdjacent) {
        expect(passes(after!)).toBe(true);
        expect(listMoves(after!)[from + 1]).toBe(listMoves(before!)[from]);
        expect(listMoves(after!)[from + 2]?.split(' ')[0]).toBe(listMoves(before!)[from + 2]?.split(' ')[0]);
      }
    }),
  );
});
