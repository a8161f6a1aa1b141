import path from 'node:path';
import type { Trace } from '@ipclab/native/supervisor';
import type { Build } from '../../src/build/build.js';
import { buildSubmission } from '../../src/build/build-submission.js';
import { createEngine, type Engine } from '../../src/run/engine.js';
import { runScenario } from '../../src/run/run-scenario.js';
import { removeTemporaryRoot } from '../../src/sandbox/temporary.js';
import { scenarioSchema } from '../../src/scenario/scenario.js';
import { createSchedule } from '../../src/schedule/schedule.js';
import { parseTrace } from '../../src/trace/schema.js';

const SUBMISSION = path.resolve('labs/02-mtype-dispatch/.staff/solution-c-style');
const afterServer = { process: 'server#1', call: 'msgget' };
const SCENARIO = scenarioSchema.parse({
  title: 'Urgent and normal requests at once',
  files: { 'dispatch.key': '' },
  decoys: [{ key: 68, messages: [{ mtype: 1, text: 'not yours' }] }],
  start: [
    { role: 'server' },
    { role: 'client', args: ['normal', 'one', 'two'], count: 2, after: afterServer },
    { role: 'client', args: ['urgent', 'three', 'four'], count: 2, after: afterServer },
  ],
  stop: [{ process: 'server#1', signal: 'SIGTERM' }],
});

let build: Build;
let engine: Engine;
beforeAll(async () => {
  build = await buildSubmission(
    SUBMISSION,
    { server: { entry: 'src/server.ts' }, client: { entry: 'src/client.ts' } },
    { cacheFolder: null },
  );
  engine = await createEngine(build);
});
afterAll(async () => {
  await engine.close();
  removeTemporaryRoot();
});

const runFreely = (): Promise<Trace> =>
  runScenario(engine, build, 'free', SCENARIO, createSchedule({ strategy: { kind: 'free' } }));

test('a solution runs at full speed, again and again, and every history has a legal order', async () => {
  for (let count = 0; count < 20; count++) {
    const trace = await runFreely();
    expect(parseTrace(structuredClone(trace))).toEqual(trace);
    expect(trace.end).toEqual({ cause: 'completed', waits: [] });
    expect(trace.processes.map(({ exit }) => exit)).toEqual(trace.processes.map(() => ({ code: 0 })));
    const [, ...sent] = trace.messages;
    expect(sent).toHaveLength(16);
    for (const { sentAt, receivedAt } of sent) expect(receivedAt).toBeGreaterThan(sentAt!);
    expect(trace.queues).toMatchObject([
      { creator: null, left: true, pending: [0] },
      { creator: 0, remover: 0, left: false, pending: [] },
    ]);
  }
});
