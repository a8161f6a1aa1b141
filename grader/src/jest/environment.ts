import { TestEnvironment } from 'jest-environment-node';
import { describeLab, type JestGlobals } from './describe-lab.js';

/**
 * Jest's environment for labs. This file is loaded by Node itself, outside of jest's sandbox, and so is the grader: a test reaches
 * it through the function that is put into the sandbox's globals (grader/jest.cjs).
 */
export default class LabEnvironment extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    const globals = this.global as unknown as JestGlobals & Record<symbol, unknown>;
    globals[Symbol.for('ipclab.describeLab')] = (place: string | URL) => describeLab(place, globals);
  }
}
