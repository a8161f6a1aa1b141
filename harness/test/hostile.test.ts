import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { RunEndCause } from '@ipclab/native/supervisor';
import { buildSubmission, removeBuild } from '../src/build/build-submission.js';
import { createEngine } from '../src/run/engine.js';
import { runScenario } from '../src/run/run-scenario.js';
import { removeTemporaryRoot } from '../src/sandbox/temporary.js';
import { scenarioSchema } from '../src/scenario/scenario.js';
import { DEFAULT_SCHEDULE } from '../src/schedule/schedule.js';

const HOSTILE = path.resolve('fixtures/hostile');
const SCENARIO = scenarioSchema.parse({
  title: 'A hostile submission',
  start: [{ role: 'main' }],
  limits: { wallMs: 8000, memoryBytes: 256 * 1024 * 1024, processes: 16, outputBytes: 256 * 1024, steps: 2000 },
});

/** How the run of each may end; whatever is not here ends by itself. */
const ENDS: Record<string, RunEndCause[]> = {
  'burn-cpu': ['cpu-limit'],
  'endless-output': ['output-limit'],
  'fork-bomb': ['completed', 'step-limit'],
  // Threads and a shell that loops for ever have no certain end.
  'detached-child': ['wall-limit', 'step-limit', 'cpu-limit'],
  'thread-bomb': ['completed', 'cpu-limit', 'wall-limit'],
  'eat-memory': ['completed', 'cpu-limit'],
};

afterAll(removeTemporaryRoot);

const names = readdirSync(HOSTILE, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

test.each(names)('%s gets through to nothing, and is no fault of ours', async (name) => {
  const folder = path.join(HOSTILE, name);
  const isMade = readdirSync(folder).includes('Makefile');
  const build = await buildSubmission(folder, {
    main: isMade ? { command: './main', build: 'make' } : { entry: 'src/main.ts' },
  });
  try {
    expect(build.diagnostics).toEqual([]);
    const engine = await createEngine(build);
    try {
      const { end, events } = await runScenario(engine, build, 'hostile', SCENARIO, DEFAULT_SCHEDULE);
      const said = events.map((event) => (event.kind === 'output' ? event.text : '')).join('');
      expect(said).not.toContain('ESCAPED');
      expect(ENDS[name] ?? ['completed']).toContain(end.cause);
    } finally {
      await engine.close();
    }
  } finally {
    removeBuild(build);
  }
});
