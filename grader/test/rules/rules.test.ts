import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { RULES } from '../../src/rules/index.js';

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

test('each rule says in words what it checks, why, and what it finds', () => {
  for (const { summary, why, source, codes } of RULES)
    expect([summary, why, source, ...Object.values(codes)].filter((text) => text.length < 6)).toEqual([]);
});
