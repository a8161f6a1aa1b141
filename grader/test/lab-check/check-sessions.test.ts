import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { checkSessions } from '../../src/lab-check/check-sessions.js';
import { loadParts } from '../../src/lab-check/load-parts.js';
import { loadLab } from '../../src/lab/load-lab.js';
import { RULES } from '../../src/rules/index.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-sessions-'));
const lab = path.join(folder, '04-pending-blocking');
const solution = path.resolve('labs/04-pending-blocking/.staff/solution-c-style');
cpSync(path.resolve('labs/04-pending-blocking'), lab, {
  recursive: true,
  filter: (file) => !/\/\.staff\/(?!solution-c-style)/.test(file),
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
async function checkBlock(info: string, ...lines: string[]) {
  return await typeBlock([`\`\`\`${info}`, ...lines, '```']);
}

async function typeBlock(block: readonly string[], abort?: AbortSignal) {
  writeFileSync(path.join(lab, 'README.md'), ['# Lab', '', ...block, ''].join('\n'));
  const scratch = path.join(folder, `scratch-${count++}`);
  const options = { scratch, ...(abort ? { abort } : {}) };
  const { problems, faults } = await checkSessions(loadLab(lab, RULES), loadParts(lab).correct, options);
  expect(faults).toEqual([]);
  return problems;
}

test('programs run side by side, are signalled and end as is shown; what is left out needs more than a shell', async () => {
  const problems = await checkBlock(
    'console',
    '$ touch ledger.key',
    '$ npx ipclab run src/receiver.ts &',
    '$ pgrep -f receiver.mjs   # its pid',
    '4711',
    '$ kill -INT 4711',
    'balance 0 0',
    '$ npx ipclab run src/sender.ts 4711 3',
    'sent 3, booked 3',
    'counted 3',
    '$ ipcs -q      # nothing is left',
    '$ npm test',
    '$ npx ipclab replay <token>',
  );
  expect(problems).toEqual([]);
});

test('what does not come, and what comes besides, is told with its line', async () => {
  const problems = await checkBlock(
    'console queueBytes=12',
    '$ cat /proc/sys/kernel/msgmnb; echo and',
    '12',
    '$ ipclab run src/sender.ts 4711 3; echo $?',
    'sender: nobody receives',
    '3',
    '$ true',
    'a line',
  );
  expect(problems).toEqual([
    'README.md:4: cat /proc/sys/kernel/msgmnb; echo and: got the line "and", which is not shown (solution-c-style)',
    'README.md:6: ipclab run src/sender.ts 4711 3; echo $?: expected the line "3", got "2" (solution-c-style)',
    'README.md:9: true: expected the line "a line", it did not come (solution-c-style)',
  ]);
});

test('of several solutions one that does all that is shown is enough', async () => {
  cpSync(solution, path.join(lab, '.staff/solution-a'), { recursive: true });
  writeFileSync(path.join(lab, '.staff/solution-a/src/sender.ts'), "console.log('Hello');\n");
  expect(await checkBlock('console', '$ ipclab run src/sender.ts 4711 3', 'Hello')).toEqual([]);
  expect(await checkBlock('console', '$ ipclab run src/sender.ts 4711 3', 'Hello', 'World')).toEqual([
    expect.stringMatching(/expected the line "World", it did not come \(solution-a\)$/),
  ]);
});

test('nothing outlives the session', async () => {
  expect(await checkBlock('console', '$ sleep 1000.25 &', '$ pgrep -c sleep', '1', '$ exit')).toEqual([
    'README.md:7: exit: the shell has ended (solution-a)',
  ]);
  expect(listSleepers('1000.25')).toEqual([]);
});

test('Ctrl-C ends what is being typed, and says nothing about the handout', async () => {
  const interrupt = new AbortController();
  const problems = typeBlock(['```console', '$ sleep 86399', '```'], interrupt.signal);
  while (listSleepers('86399').length === 0) await setTimeout(10);
  interrupt.abort();
  expect(await problems).toEqual([]);
  expect(listSleepers('86399')).toEqual([]);
});

const listSleepers = (seconds: string): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8') === ['sleep', seconds, ''].join('\0');
    } catch {
      return false; // it has ended meanwhile
    }
  });
