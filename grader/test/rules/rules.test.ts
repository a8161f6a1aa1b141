import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { RULES } from '../../src/rules/index.js';

const SOURCES = new URL('../../src/rules/', import.meta.url);
const TESTS = new URL('./', import.meta.url);
const readAll = (folder: URL): { file: string; text: string }[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(new URL(file, folder), 'utf8') }));
const readme = readFileSync(new URL('../../src/rules/README.md', import.meta.url), 'utf8');
const examples = parse(/```yaml\n([^]*?)```/.exec(readme)![1]!) as { rule: string; with: unknown }[];

test('the README lists every rule with all that it finds', () => {
  const listed = [...readme.matchAll(/^\| `([a-z-]+)` \|.*\| ([^|]*) \|$/gm)].map(([, rule, codes]) => [
    rule,
    [...codes!.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code),
  ]);
  expect(listed).toEqual(RULES.map(({ name, codes }) => [name, Object.keys(codes)]));
});

test('the README shows each rule in use, and each example is right', () => {
  expect([...new Set(examples.map(({ rule }) => rule))]).toEqual(RULES.map(({ name }) => name));
  const wrong = examples.flatMap(({ rule, with: given }) => {
    const { error } = RULES.find(({ name }) => name === rule)!.parameters.safeParse(given);
    return error ? [`${rule}: ${error.message}`] : [];
  });
  expect(wrong).toEqual([]);
});

test('every file that defines a rule is named after it, and is in the table', () => {
  const defining = readAll(SOURCES).filter(({ file, text }) => /= defineRule</.test(text) && file !== 'rule.ts');
  expect(defining.map(({ file }) => file.replace('.ts', '')).toSorted()).toEqual(
    RULES.map(({ name }) => name).toSorted(),
  );
});

test('a test reaches each thing that a rule can find', () => {
  const tests = readAll(TESTS).filter(({ file }) => file !== 'rules.test.ts');
  const missed = RULES.flatMap(({ name, codes }) => {
    const text = tests.flatMap((test) => (test.text.includes(`/rules/${name}.js'`) ? [test.text] : [])).join('\n');
    return Object.keys(codes).flatMap((code) => (text.includes(`'${code}'`) ? [] : [`${name}: ${code}`]));
  });
  expect(missed).toEqual([]);
});

test('every rule has hints, and the first of them is a question', () => {
  expect(RULES.filter(({ hints }) => !hints?.[0].endsWith('?')).map(({ name }) => name)).toEqual([]);
});

test('each rule says in words what it checks, why, and what it finds', () => {
  for (const { summary, why, source, codes } of RULES)
    expect([summary, why, source, ...Object.values(codes)].filter((text) => text.length < 6)).toEqual([]);
});

test('the rules that replay files say so: their scenarios must record them', () => {
  const replaying = readAll(SOURCES).filter(({ text }) => text.includes('replayFiles(run)'));
  expect(RULES.filter(({ aboutFiles }) => aboutFiles).map(({ name }) => `${name}.ts`)).toEqual(
    replaying.map(({ file }) => file),
  );
});
