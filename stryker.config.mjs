// Do the tests of the pure parts notice when the code is changed?  npm run mutation
/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['grader/src/{rules,model}/**/*.ts'],
  testRunner: 'command',
  // jest takes seconds to start; this takes one (scripts/pure-tests.mjs).
  buildCommand: 'node scripts/pure-tests.mjs',
  commandRunner: { command: 'node .pure-tests.mjs' },
  // Nothing to rewrite there (and it cannot read TypeScript 7's).
  tsconfigFile: 'none.json',
  ignorePatterns: ['/native/build', '/native/test', '/labs', '/fixtures', '/bench', '/docs/img', '.staff', 'dist'],
  // Words are for people; tests compare samples of them. That each letter is compared would only copy them.
  mutator: { excludedMutations: ['StringLiteral'] },
  concurrency: 2,
  // On a busy machine a run may take long; what is given up counts as noticed, and would flatter the tests.
  timeoutMS: 30_000,
  reporters: ['clear-text'],
  clearTextReporter: { allowColor: false, logTests: false },
  thresholds: { high: 95, low: 85, break: 85 },
  tempDirName: '.mutation',
};
