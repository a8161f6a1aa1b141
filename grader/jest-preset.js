// jest.config: { preset: 'ipclab' } — tests of a lab, in TypeScript.
import { fileURLToPath } from 'node:url';

const resolve = (path) => fileURLToPath(new URL(path, import.meta.url));

export default {
  testEnvironment: resolve('./dist/jest/environment.js'),
  transform: { '\\.[cm]?ts$': resolve('./dist/jest/transform.js') },
  extensionsToTreatAsEsm: ['.ts'],
  // Sources import each other as what they are compiled to.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  reporters: ['default', resolve('./dist/jest/reporter.js')],
  testMatch: ['**/test/**/*.test.ts'],
  // The lab's own budget and limits end a grading; this only ends one that hangs.
  testTimeout: 300_000,
};
