// Writes docs/findings.md: ten findings that are hard to understand, exactly as printed, each with the program that caused it.
//   node scripts/findings.mjs [--check]    --check: is the file what is printed today?
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderReport } from '../grader/dist/report/index.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const file = path.join(root, 'docs/findings.md');
const AROUND = 7;

/** [sample submission, line of the score, scenario, what somebody did wrong] */
const FINDINGS = [
  [
    '01-hello-queue/fail-own-message',
    'delivered',
    'order',
    'The parent receives, too: where it is faster than its child, what it has sent itself.',
  ],
  [
    '02-mtype-dispatch/fail-lost-wake-up',
    'ends',
    'signal-server',
    'The handler sets a flag, the loop looks at it and then waits.',
  ],
  ['02-mtype-dispatch/fail-one-reply-type', 'replies', 'polite', 'All clients wait for the same type.'],
  [
    '02-mtype-dispatch/fail-shared-queue',
    'removed',
    'server-twice',
    'IPC_CREAT without IPC_EXCL: two servers share a queue.',
  ],
  [
    '02-mtype-dispatch/fail-priority-ignored',
    'priority',
    'priority',
    'The server takes normal requests first, and urgent ones only when there are none.',
  ],
  [
    '02-mtype-dispatch/fail-dies-with-a-client',
    'removed-after-signal',
    'signal-client',
    'Before it answers, the server looks by kill(pid, 0) whether the client lives; for one that does not, that throws.',
  ],
  ['02-mtype-dispatch/fail-stale-bytes', 'replies', 'order', 'The buffer of a longer reply is used again.'],
  [
    '07-producer-consumer/fail-both-send-first',
    'ends',
    'full-queue',
    'Both sides send before they receive, and both queues are full.',
  ],
  [
    '07-producer-consumer/fail-pills-too-early',
    'ends',
    'order',
    'The end is announced before the last producer has ended.',
  ],
  [
    '07-producer-consumer/fail-unflushed-in-c',
    'at-least-once',
    'kill-consumer',
    'What was printed is still in the buffer when the consumer is killed.',
  ],
];

const FACE = `# Ten findings

Chosen as the hardest to understand: what \`ipclab grade\` prints, to the letter, and the lines of the submission that it points to. Can you say what is wrong, and in which line?

Written by \`node scripts/findings.mjs\`.
`;

const text = [FACE, ...FINDINGS.map(([sample, ...rest], index) => describe(index + 1, sample, ...rest))].join('\n');
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/findings.md is not what is printed today. Run: node scripts/findings.mjs');
  process.exitCode = 1;
}

function describe(number, sample, line, scenario, mistake) {
  const [lab] = sample.split('/');
  const folder = path.join(root, 'fixtures/submissions', sample);
  const result = grade(folder, ['grade', '.', '--lab', path.join(root, 'labs', lab), '--scenario', scenario, '--json']);
  const { finding, title } = result.rules.find(({ id }) => id === line) ?? {};
  if (!finding) throw new Error(`Expected a finding of ${line} in ${sample}, scenario ${scenario}`);
  const printed = renderReport(result, { color: false });
  const start = printed.indexOf('FAIL', findHeading(printed, title));
  const end = printed.indexOf('\n', printed.indexOf('see it', start));
  return [
    `## ${number}. ${title}`,
    '',
    '```text',
    printed.slice(start, end).trimEnd(),
    '```',
    '',
    ...(finding.place ? showPlace(folder, finding.place) : []),
    `<details><summary>What is wrong</summary>\n\n${mistake} The whole program: [${sample}](../fixtures/submissions/${sample}).\n\n</details>`,
    '',
  ].join('\n');
}

/** A title may be longer than a line. */
function findHeading(printed, title) {
  const start = printed.indexOf(`FAIL     ${title.slice(0, 50)}`);
  if (start < 0) throw new Error(`Expected "${title}" to fail, got:\n${printed}`);
  return start;
}

function grade(cwd, args) {
  const options = { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  const { stdout } = spawnSync(process.execPath, [path.join(root, 'grader/bin/ipclab.js'), ...args], options);
  return JSON.parse(stdout);
}

/** The line, and a few around it. */
function showPlace(folder, place) {
  const [, name, at] = /^(.*?):(\d+)/.exec(place);
  const lines = readFileSync(path.join(folder, name), 'utf8').split('\n');
  const first = Math.max(1, Number(at) - AROUND);
  const last = Math.min(lines.length, Number(at) + 3);
  const width = String(last).length;
  const shown = lines
    .slice(first - 1, last)
    .map((line, index) =>
      `${first + index === Number(at) ? '>' : ' '} ${String(first + index).padStart(width)}  ${line}`.trimEnd(),
    );
  return [`\`${name}\`:`, '', '```text', ...shown, '```', ''];
}
