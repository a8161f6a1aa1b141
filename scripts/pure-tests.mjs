// The tests of the pure parts in one file that Node runs at once: mutation testing starts them thousands of times, and jest takes seconds for each.
//   node scripts/pure-tests.mjs    bundles them to .pure-tests.mjs in the current folder
//   node .pure-tests.mjs           exits with 1 at the first test that fails, and names it
import { readdirSync } from 'node:fs';
import { build } from 'esbuild';

const FOLDERS = ['rules', 'model', 'score', 'report'].map((name) => `grader/test/${name}`);
const OUTFILE = '.pure-tests.mjs';

const tests = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`),
);

// What these tests use of jest's globals.
const HARNESS = `
import { expect } from 'expect';
import * as fc from 'fast-check';
// The same few inputs each time.
fc.configureGlobal({ numRuns: 10, seed: 1 });
const found = [];
let titles = [];
const describe = (title, body) => { titles.push(title); body(); titles.pop(); };
const test = (title, body) => found.push({ title: [...titles, title].join(' › '), body });
const each = (declare) => (table) => (title, body) =>
  table.forEach((row) => declare(title + ' ' + JSON.stringify(row)?.slice(0, 60), () => body(...(Array.isArray(row) ? row : [row]))));
test.each = each(test);
describe.each = each(describe);
Object.assign(globalThis, { expect, describe, test, it: test });
export async function runAll() {
  for (const { title, body } of found) {
    try { await body(); }
    catch (error) { console.error('FAILED ' + title + '\\n' + error.message); process.exit(1); }
  }
  console.log(found.length + ' tests passed');
}
`;

await build({
  stdin: {
    contents: [
      `import { runAll } from 'harness';`,
      ...tests.map((file) => `import ${JSON.stringify(`./${file}`)};`),
      'await runAll();',
    ].join('\n'),
    resolveDir: process.cwd(),
    loader: 'ts',
  },
  outfile: OUTFILE,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'error',
  banner: {
    js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url), __dirname = import.meta.dirname;`,
  },
  plugins: [
    {
      name: 'harness',
      setup(bundler) {
        bundler.onResolve({ filter: /^harness$/ }, () => ({ path: 'harness', namespace: 'harness' }));
        bundler.onLoad({ filter: /.*/, namespace: 'harness' }, () => ({
          contents: HARNESS,
          resolveDir: process.cwd(),
        }));
        bundler.onLoad({ filter: /\.test\.ts$/ }, async ({ path: file }) => {
          const { readFile } = await import('node:fs/promises');
          const text = await readFile(file, 'utf8');
          return { contents: text.replaceAll('import.meta.url', JSON.stringify(`file://${file}`)), loader: 'ts' };
        });
      },
    },
  ],
});
