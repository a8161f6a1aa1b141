import type { ChoicePoint } from '@ipclab/native/supervisor';
import { type Game, getSchedule, getSituation, move, sendSignal, undo } from '../../src/play/game.js';
import { TraceBuilder } from '../rules/trace-builder.js';

const point = (parts: Partial<ChoicePoint>): ChoicePoint => ({
  at: 'main#1',
  call: 1,
  to: 'main#1',
  able: ['main#1', 'other#1'],
  usual: 'main#1',
  preempts: true,
  seq: 2,
  ...parts,
});
const start: Game = { decisions: [] };

test('who would have moved anyway is no deviation, anybody else is', () => {
  const game = move(move(start, point({}), 'main#1'), point({ call: 2 }), 'other#1');
  const { deviations, injections, recordPoints } = getSchedule(game);
  expect({ deviations, injections, recordPoints }).toEqual({
    deviations: [{ at: 'main#1', call: 2, to: 'other#1' }],
    injections: [],
    recordPoints: true,
  });
});

test('a signal lands at the call that its target would make next, and a decision can be taken back', () => {
  const moved = move(start, point({}), 'other#1');
  const game = sendSignal(moved, { name: 'other#1', call: 3, seq: 7 }, 'SIGTERM', 'before');
  expect(getSchedule(game).injections).toEqual([
    { signal: 'SIGTERM', process: 'other#1', call: 3, placement: 'before' },
  ]);
  expect(undo(game)).toEqual(moved);
  expect(undo(start)).toEqual(start);
});

test('the player is asked at the first point that is not decided, who can move, and to make which call', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const other = builder.start('other#1');
  builder.send(main, builder.queue(main), 1);
  builder.exit(main);
  builder.exit(other);
  builder.trace.points = [point({ seq: 2 }), point({ seq: 3, call: 2 })];
  expect(getSituation(move(start, point({}), 'main#1'), builder.trace)).toEqual({
    point: builder.trace.points[1],
    seq: 3,
    able: [
      { name: 'main#1', call: 2, seq: 3 },
      { name: 'other#1', call: 1, seq: null },
    ],
  });
});

test('after the last point the run is over', () => {
  const builder = new TraceBuilder();
  builder.exit(builder.start('main#1'));
  expect(getSituation(start, builder.trace)).toEqual({ seq: 2, able: [] });
});
