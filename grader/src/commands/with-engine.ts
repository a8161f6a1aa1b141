import { type Build, buildSubmission, createEngine, type Engine, removeBuild } from '@ipclab/harness';
import type { Lab } from '../lab/load-lab.js';
import { renderDiagnostics } from '../report/index.js';
import { getInterrupt } from './interrupt.js';
import { hasColor } from './style.js';

/**
 * Builds a submission and has `work` use an engine for it, which answers the exit code. Answers 1 if there is nothing to run (after the errors of the
 * build), and that of an interrupt if one came.
 */
export async function withEngine(
  submission: string,
  lab: Lab,
  work: (engine: Engine, build: Build) => Promise<number>,
): Promise<number> {
  const interrupt = getInterrupt();
  const build = await buildSubmission(submission, lab.roles);
  try {
    if (build.diagnostics.some(({ severity }) => severity === 'error')) {
      process.stdout.write(`${renderDiagnostics(build.diagnostics, { color: hasColor(process.stdout) })}\n`);
      return 1;
    }
    const engine = await createEngine(build);
    const stop = (): void => void engine.close();
    interrupt.signal.addEventListener('abort', stop);
    try {
      return await work(engine, build);
    } finally {
      await engine.close();
    }
  } catch (error) {
    const code = interrupt.getExitCode();
    if (code !== undefined) return code;
    throw error;
  } finally {
    removeBuild(build);
  }
}
