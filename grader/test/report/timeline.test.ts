import { renderTimeline } from '../../src/report/timeline.js';
import { TraceBuilder } from '../rules/trace-builder.js';

function build(calls: number) {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  for (let call = 0; call < calls; call++) builder.call(main, 'alarm', { seconds: call });
  builder.end({
    cause: 'deadlock',
    waits: [{ process: main, call: calls + 1, name: 'pause', args: {}, kind: 'signal', certain: true }],
  });
  return builder.run();
}
const seqs = (timeline: { seq: number; shows: boolean }[]) =>
  timeline.map(({ seq, shows }) => (shows ? `>${seq}` : seq));

test('a short run is shown whole, with the calls that never returned', () => {
  const finding = { rule: 'output', events: [1] };
  expect(renderTimeline(build(2), finding)).toEqual([
    { seq: 0, process: 'main#1', text: 'starts', shows: false },
    { seq: 1, process: 'main#1', text: 'alarm(0 s) = 0', shows: true },
    { seq: 2, process: 'main#1', text: 'alarm(1 s) = 0', shows: false },
    { seq: 3, process: 'main#1', text: 'pause()  [waits for ever]', shows: false },
  ]);
});

test('of a long run the events that show the finding are left, with a few around each', () => {
  expect(seqs(renderTimeline(build(20), { rule: 'output', events: [5, 12] }))).toEqual([
    3,
    4,
    '>5',
    6,
    10,
    11,
    '>12',
    13,
  ]);
  expect(seqs(renderTimeline(build(20), { rule: 'output', events: [] }))).toEqual([]);
});

test('a run that did not end is shown by what each process waits for', () => {
  expect(seqs(renderTimeline(build(20), { rule: 'terminates', events: [20] }))).toEqual([18, 19, '>20', '>21']);
});

test('a replay shows all', () => {
  expect(seqs(renderTimeline(build(20), 'all'))).toEqual(Array.from({ length: 22 }, (_, seq) => seq));
});
