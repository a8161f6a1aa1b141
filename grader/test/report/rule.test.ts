import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { createExample, describeParameters, getParameterSchema } from '../../src/report/describe-parameters.js';
import { renderRule, renderRules, renderRulesReference } from '../../src/report/rule.js';
import { RULES } from '../../src/rules/index.js';
import { defineRule, type Rule } from '../../src/rules/rule.js';

const sample = defineRule({
  name: 'sample',
  summary: 'It is as it should be',
  why: 'Because it is so.',
  source: 'msgrcv(2)',
  codes: { wrong: 'It is not' },
  hints: ['Is it?', 'Look there.', 'Do this.'],
  parameters: z.strictObject({
    by: z.string().describe('Role that does it'),
    times: z.int().min(1).max(9).default(2).describe('How often'),
    before: z.union([z.strictObject({ output: z.string().describe('A line') }), z.literal('end')]).optional(),
    roles: z.record(z.string(), z.strictObject({ code: z.int() })),
    each: z.array(z.strictObject({ kind: z.enum(['one', 'two']) })).default([]),
  }),
  check: () => [],
});

test('parameters are told with their types and defaults, those inside others by their path', () => {
  expect(describeParameters(sample.parameters)).toEqual([
    { name: 'by', type: 'text', isRequired: true, description: 'Role that does it' },
    { name: 'times', type: 'whole number from 1 to 9', isRequired: false, default: '2', description: 'How often' },
    { name: 'before', type: 'map (output) | end', isRequired: false, description: '' },
    { name: 'before.output', type: 'text', isRequired: true, description: 'A line' },
    { name: 'roles', type: 'map of names to map (code)', isRequired: true, description: '' },
    { name: 'roles.<name>.code', type: 'whole number', isRequired: true, description: '' },
    { name: 'each', type: 'list of map (kind)', isRequired: false, default: '[]', description: '' },
    { name: 'each[].kind', type: 'one | two', isRequired: true, description: '' },
  ]);
});

test('a rule is explained: why, what it finds, parameters, an example, hints', () => {
  const { parameters: _parameters, ...rest } = sample;
  const small: Rule = { ...rest, parameters: z.strictObject({ by: z.string().describe('Role that does it') }) };
  expect(renderRule(small, { color: false })).toBe(`sample
It is as it should be.

Why
  Because it is so. [msgrcv(2)]

Finds
  wrong  It is not

Put to the test by
  a program that makes a system call.

Parameters
  by (text), required
    Role that does it

In lab.yaml
  - id: my-sample
    rule: sample
    points: 2
    title: What must hold, in words for students
    with: { by: by }

Hints
  1  Is it?
  2  Look there.
  3  Do this.
`);
});

test('the list names each rule with what must hold', () => {
  expect(renderRules([sample, { ...sample, name: 'other' }] as Rule[], { color: false }))
    .toBe(`sample  It is as it should be
other   It is as it should be

2 rules. ipclab rules <name> explains one.
`);
});

test('the example of each rule is right, and so is the one made where there is none', () => {
  const wrong = RULES.flatMap(({ name, example, parameters }) => {
    const made = createExample(getParameterSchema(parameters));
    return [...(example === undefined ? [] : [parse(example) as unknown]), made].flatMap((given) => {
      const { error } = parameters.safeParse(given);
      return error ? [`${name}: ${error.message}`] : [];
    });
  });
  expect(wrong).toEqual([]);
});

test('docs/rules.md is current; node scripts/rules-reference.mjs writes it', () => {
  const file = new URL('../../../docs/rules.md', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(renderRulesReference(RULES));
});
