import { type Build, buildSubmission, Fault, removeBuild } from '@ipclab/harness';
import type { Lab } from '../lab/load-lab.js';
import type { ResultFault } from '../score/result.js';
import { createEnginePool, type EnginePool } from './engine-pool.js';

/** A submission that is built, and engines that wait to run it. One can serve several gradings, one after the other. */
export interface PreparedSubmission {
  /** Undefined where `fault` says why. */
  build: Build | undefined;
  fault?: ResultFault;
  /** Undefined where the submission does not build. */
  engines: EnginePool | undefined;
  /** Ends the engines and removes the build. */
  close(): Promise<void>;
}

/** Builds a submission. Never rejects. `size`: how many engines work at the same time. */
export async function prepareSubmission(submission: string, lab: Lab, size: number): Promise<PreparedSubmission> {
  let build: Build | undefined;
  try {
    build = await buildSubmission(submission, lab.roles);
  } catch (error) {
    return { build, fault: toFault(error), engines: undefined, close: async () => {} };
  }
  const engines = isBuilt(build) ? createEnginePool(build, size) : undefined;
  return {
    build,
    engines,
    close: async () => {
      await engines?.close();
      removeBuild(build);
    },
  };
}

export const isBuilt = ({ diagnostics }: Build): boolean => diagnostics.every(({ severity }) => severity !== 'error');

const toFault = (error: unknown): ResultFault => ({
  code: error instanceof Fault ? error.code : 'bug',
  message: error instanceof Error ? error.message : String(error),
});
