import { checkHandout } from '../../src/lab-check/check-handout.js';

const named = {
  scenarios: ['order', 'polite'],
  lines: [
    { id: 'removed', points: 3 },
    { id: 'ends', points: 2 },
  ],
  rules: ['terminates', 'queues-removed'],
  hasFile: (file: string) => file === 'src/main.ts',
};
const inConsole = (...lines: string[]): string => ['# Lab', '', '```console', ...lines, '```', ''].join('\n');

test('examples that name what there is are right', () => {
  const text = inConsole(
    '$ npx ipclab grade . --scenario order polite --ascii',
    '$ npx ipclab start order',
    '$ npx ipclab start',
    '$ npx ipclab play --scenario=polite',
    "$ npx ipclab replay 'order~main1.2:main1_1~~removed' .",
    '$ npx ipclab replay <token>',
    '$ ipclab run src/main.ts one two &',
    '$ ipclab rules terminates',
    '$ npx ipclab doctor',
    '$ npm test',
    'npx ipclab nothing of the kind',
  );
  expect(checkHandout(text, named)).toEqual([]);
});

test('an example that names what there is not is told with its line', () => {
  const text = inConsole(
    '$ npx ipclab grade . --scenario oder',
    '$ npx ipclab start nowhere',
    "$ npx ipclab replay 'order~~~remove'",
    '$ npx ipclab replay order~x',
    '$ npx ipclab run src/mian.ts',
    '$ npx ipclab rules terminate',
    '$ npx ipclab grad .',
  );
  expect(checkHandout(text, named)).toEqual([
    'README.md:4: unknown scenario oder; did you mean order?',
    'README.md:5: unknown scenario nowhere; there are order, polite',
    'README.md:6: unknown line remove; did you mean removed?',
    expect.stringMatching(/^README\.md:7: Expected a process, such as server1/),
    'README.md:8: there is no src/mian.ts',
    'README.md:9: unknown rule terminate; did you mean terminates?',
    'README.md:10: unknown command ipclab grad; did you mean grade?',
  ]);
});

test('what stands in no console block is no example', () => {
  expect(checkHandout('```c\n$ npx ipclab start nowhere\n```\n$ npx ipclab start nowhere\n', named)).toEqual([]);
});

const table = (...rows: string[]): string => ['| line | points | what |', '|---|---|---|', ...rows, ''].join('\n');

test('points that agree with lab.yaml are right, and so is a handout that states none', () => {
  expect(checkHandout(table('| `removed` | 3 | it is |', '| `ends` | 2 | it does |'), named)).toEqual([]);
  expect(checkHandout('| line | what |\n|---|---|\n| `other` | 7 |\n', named)).toEqual([]);
});

test('points that differ, lines that there are not, and lines that are missing are told', () => {
  expect(checkHandout(table('| `removed` | 4 | it is |', '| `end` | 2 | it does |'), named)).toEqual([
    'README.md:3: removed has 3 points in lab.yaml, here 4',
    'README.md:4: unknown line end; did you mean ends?',
    'README.md: its table of points does not name ends',
  ]);
});
