import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LabError } from '../../src/lab/lab-error.js';
import { loadCustomRules } from '../../src/lab/load-custom-rules.js';
import { loadLab } from '../../src/lab/load-lab.js';
import { RULES } from '../../src/rules/index.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-rules-'));
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
};
afterAll(() => rmSync(folder, { recursive: true }));

const createRule = (name: string, check = '[]'): string => `
import { defineRule } from 'ipclab/rules';
import { z } from 'zod';
import { CODES } from './codes.js';
export const mine = defineRule({
  name: '${name}', summary: 'It holds', why: 'So it is.', source: 'msgrcv(2)', codes: CODES,
  parameters: z.strictObject({ times: z.int().default(2) }),
  check: () => ${check},
});
`;
beforeEach(() => write('rules/codes.ts', "export const CODES = { wrong: 'It does not' };\n"));

test('a rule of a lab is loaded with what it imports, and is like any other', () => {
  write('rules/mine.ts', createRule('mine'));
  const { rules, problems } = loadCustomRules(folder, ['rules/mine.ts'], []);
  expect(problems).toEqual([]);
  expect(rules.map(({ name, file, codes, parameters }) => [name, file, codes, parameters.parse({})])).toEqual([
    ['mine', 'rules/mine.ts', { wrong: 'It does not' }, { times: 2 }],
  ]);
});

test.each([
  ['there is no file', undefined, 'There is no rules/bad.ts'],
  ['its text is wrong', 'const a = ;\n', 'rules/bad.ts:1:11: Unexpected ";"'],
  [
    'it imports what it may not',
    "import fs from 'node:fs';\nexport const a = fs;\n",
    'rules/bad.ts:1:16: Could not resolve "node:fs": a rule may import ipclab/rules, zod and files of the lab',
  ],
  [
    'it throws when it is loaded',
    'interface A { b: number }\nlet a: undefined | A;\n(a as A).b = 2;\n',
    "rules/bad.ts:3:10: Cannot set properties of undefined (setting 'b')",
  ],
  ['it exports no rule', 'export const a = 1;\n', 'Expected rules/bad.ts to export what defineRule makes, got no rule'],
  [
    'its name is one that there is',
    createRule('terminates'),
    'Expected a name of its own for rule terminates of rules/bad.ts: there is one already',
  ],
  [
    'its name is none',
    createRule('My rule'),
    "Expected a rule's name in rules/bad.ts to be small letters, digits and dashes, got My rule",
  ],
])('told with its place: %s', (_, text, message) => {
  rmSync(path.join(folder, 'rules/bad.ts'), { force: true });
  if (text !== undefined) write('rules/bad.ts', text);
  expect(loadCustomRules(folder, ['rules/bad.ts'], ['terminates'])).toEqual({
    rules: [],
    code: expect.any(String),
    problems: [{ index: 0, message }],
  });
});

test('a file outside the lab is not read', () => {
  const { problems } = loadCustomRules(folder, ['../rules/mine.ts'], []);
  expect(problems).toEqual([{ index: 0, message: "Expected a file in the lab's folder, got ../rules/mine.ts" }]);
});

test('where a rule threw is told as a place in its own text', () => {
  write('rules/mine.ts', createRule('mine', '{\n  const none: unknown[] = [];\n  return none[0].length;\n}'));
  const [rule] = loadCustomRules(folder, ['rules/mine.ts'], []).rules;
  let thrown: unknown;
  try {
    rule!.check(null as never, {});
  } catch (error) {
    thrown = error;
  }
  expect([rule!.locate!(thrown), rule!.locate!(new Error('elsewhere')), rule!.locate!(null)]).toEqual([
    'rules/mine.ts:10:18',
    undefined,
    undefined,
  ]);
});

const LAB = (files: string, rule: string): string => `version: 1
lab: mine
title: Mine
roles: { main: { entry: src/main.ts } }
scenarios: { order: { title: Order, start: [{ role: main }] } }
customRules: [${files}]
rules:
  - { id: one, rule: ${rule}, points: 1, title: One, with: { times: 3 } }
`;

test('lab.yaml uses it by its name; its parameters are checked, and a change of it is a change of the lab', () => {
  write('rules/mine.ts', createRule('mine'));
  write('lab.yaml', LAB('rules/mine.ts', 'mine'));
  const lab = loadLab(folder, RULES);
  expect(lab.rules).toEqual([
    { id: 'one', rule: 'mine', title: 'One', points: 1, scenarios: ['order'], parameters: { times: 3 } },
  ]);
  expect(lab.customRules.map(({ name }) => name)).toEqual(['mine']);
  write('rules/codes.ts', "export const CODES = { wrong: 'It is not so' };\n");
  expect(loadLab(folder, RULES).hash).not.toBe(lab.hash);
});

const problemsOf = (): string[] => {
  try {
    loadLab(folder, RULES);
  } catch (error) {
    if (error instanceof LabError)
      return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
    throw error;
  }
  return [];
};

test('what is wrong with it is told at its place in lab.yaml, and nothing of the names that may be its own', () => {
  write('lab.yaml', LAB('rules/none.ts', 'mine'));
  expect(problemsOf()).toEqual(['6:15 There is no rules/none.ts']);
  write('lab.yaml', LAB('rules/mine.js', 'terminates').replace(', with: { times: 3 }', ''));
  expect(problemsOf()).toEqual(['6:15 There is no rules/mine.js']);
});

test('a wrong name is told with those of the lab, too', () => {
  write('rules/mine.ts', createRule('mine'));
  write('lab.yaml', LAB('rules/mine.ts', 'mime'));
  expect(problemsOf()).toEqual(['8:22 Unknown rule mime; did you mean mine?']);
});
