/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testEnvironment: 'node',
  roots: [
    '<rootDir>/native/test',
    '<rootDir>/harness/test',
    '<rootDir>/grader/test',
    '<rootDir>/labs',
    '<rootDir>/scripts',
  ],
  testMatch: ['**/*.test.ts'],
  // The labs' own tests are the students'; ours drive them from grader/test.
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/labs/[^/]+/test/', '/\\.staff/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '<rootDir>/scripts/esbuild-transform.mjs' },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@ipclab/native$': '<rootDir>/native/src/index.ts',
    '^@ipclab/native/supervisor$': '<rootDir>/native/src/supervisor.ts',
    '^@ipclab/harness$': '<rootDir>/harness/src/index.ts',
  },
  // A supervised run has its own limits; this one only ends a test that hangs.
  testTimeout: 60_000,
};

export default config;
