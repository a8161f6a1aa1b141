import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { RULES } from '../rules/index.js';
import { DEFAULT_SEED, type Grading, startGrading } from '../explore/start-grading.js';
import { findLab } from '../lab/find-lab.js';
import { loadLab } from '../lab/load-lab.js';
import { hasColor } from '../commands/style.js';
import { renderDiagnostics, renderOutcome, renderSummary } from '../report/index.js';
import { plural } from '../report/text.js';
import { addSummary } from './summaries.js';
import type { Result } from '../score/result.js';

/** Of jest's globals, what is used. */
export interface JestGlobals {
  describe: (name: string, body: () => void) => void;
  test: (name: string, body: () => Promise<void>) => void;
  afterAll: (body: () => Promise<void>) => void;
}

/** See src/jest/index.ts. Everything is graded once, all scenarios at the same time; each test waits for what it is about. */
export function describeLab(place: string | URL, { describe, test, afterAll }: JestGlobals): void {
  // As a person in this folder would name it.
  const submission = path.relative('', findSubmission(place)) || '.';
  const lab = loadLab(
    findLab(submission, { labs: process.env['IPCLAB_LABS'], home: import.meta.dirname, isOwn: true }),
    RULES,
  );
  let started: Grading | undefined;
  const grading = (): Grading => (started ??= startGrading({ submission, lab, seed: DEFAULT_SEED, tellsEach: true }));
  const color = hasColor(process.stderr);
  const told = new Map<string, string>();

  describe(lab.title, () => {
    test('the programs build', async () => {
      const diagnostics = (await grading().build)?.diagnostics ?? [];
      if (diagnostics.some(({ severity }) => severity === 'error')) fail(renderDiagnostics(diagnostics, { color }));
    });
    for (const [name, scenario] of Object.entries(lab.scenarios))
      describe(`${name}: ${scenario.title}`, () => {
        for (const line of lab.rules.filter(({ scenarios }) => scenarios.includes(name)))
          test(line.title, async () => {
            const result = await grading().resultOf(name);
            const rule = findLine(result, line.id);
            if (rule.verdict === 'untested') {
              // Another scenario may have put it to the test.
              const whole = findLine(await grading().result, line.id);
              if (whole.verdict !== 'untested') return;
            }
            if (rule.verdict === 'not-run') fail('Not run: the programs do not build, see above.');
            if (rule.verdict === 'pass') return;
            // One cause is told in full once.
            const reason = rule.finding?.message ?? rule.doubt?.reason ?? (rule.takes && 'nothing put it to the test.');
            const text = renderOutcome(rule, result, { color });
            const cause = reason === undefined ? text : `${line.id} ${reason}`;
            const before = told.get(cause);
            if (before !== undefined) fail(`As in scenario ${before}: ${reason ?? 'it could not be told.'}`);
            told.set(cause, name);
            // Jest sets the first line apart from the rest.
            const isLost = rule.verdict === 'fail' || rule.verdict === 'untested';
            const score = isLost ? `${rule.points} of ${plural(rule.maxPoints, 'point')}` : 'Undecided';
            fail(`${score}\n${text}`);
          });
      });
    afterAll(async () => {
      if (!started) return;
      const result: Result = await started.result;
      addSummary(renderSummary(result, { color }));
    });
  });
}

const findLine = ({ rules }: Result, id: string): Result['rules'][number] => rules.find((rule) => rule.id === id)!;

/** Fails a test with a text of ours alone: jest shows the stack, which is of no use to a student; and leaves empty lines out of it. */
function fail(text: string): never {
  const error = new Error(text);
  error.stack = text.replaceAll(/^$/gm, ' ');
  throw error;
}

/** The folder that the test belongs to: the nearest one above it with a package.json. */
function findSubmission(place: string | URL): string {
  const start = String(place).startsWith('file:') ? fileURLToPath(place) : path.resolve(String(place));
  let folder = statSync(start).isDirectory() ? path.resolve(start) : path.dirname(start);
  while (!existsSync(path.join(folder, 'package.json')) && !existsSync(path.join(folder, 'lab.yaml'))) {
    const above = path.dirname(folder);
    if (above === folder) throw new Error(`Expected a package.json or lab.yaml above ${start}, found none.`);
    folder = above;
  }
  return folder;
}
