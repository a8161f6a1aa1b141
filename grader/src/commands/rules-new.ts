import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findRule } from '../lab/find-rule.js';
import { openLab } from './open-lab.js';
import { UsageError } from './render-problem.js';

/** Makes a file for a rule of a lab's own, and names it in lab.yaml. Answers the exit code. */
export function rulesNew(labName: string, name: string): number {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new UsageError(`Expected a rule's name to be small letters, digits and dashes, got ${name}.`);
  const lab = openLab('.', labName);
  if (findRule(lab, name)) throw new UsageError(`Expected a new name, but there is a rule ${name} already.`);
  const file = `rules/${name}.ts`;
  const target = path.join(lab.folder, file);
  if (existsSync(target)) throw new UsageError(`Expected a new name, but there is ${target} already.`);

  const labFile = path.join(lab.folder, 'lab.yaml');
  const text = readFileSync(labFile, 'utf8');
  const changed = addCustomRule(text, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, renderRuleFile(name));
  if (changed !== undefined) writeFileSync(labFile, changed);
  process.stdout.write(`Made ${path.relative('', target)}.
${changed === undefined ? `\nlab.yaml names its own rules in a way that is left to you; add there:\n\n  customRules: [${file}]\n` : 'lab.yaml names it under customRules.\n'}
Now write what it checks, and use it by a line of the score:

  - id: my-${name}
    rule: ${name}
    points: 2
    title: What must hold, in words for students
    with: { format: request }
`);
  return 0;
}

/** The text of lab.yaml with one file more; undefined if the list is written over several lines. */
export function addCustomRule(text: string, file: string): string | undefined {
  if (!/^customRules:/m.test(text))
    return text.replace(/(?:^#.*\n)*^rules:/m, (rules) => `customRules: [${file}]\n\n${rules}`);
  const list = /^customRules: \[(.*)\]/m;
  if (!list.test(text)) return undefined;
  return text.replace(list, (_, files: string) => `customRules: [${[files.trim(), file].filter(Boolean).join(', ')}]`);
}

const renderRuleFile = (
  name: string,
): string => `import { type Found, defineRule, getName, hasSent, isComplete, isSignalled, nameMessage, takeEvents, z } from 'ipclab/rules';

const parameters = z.strictObject({
  format: z.string().describe('Which messages: a name under \`formats\`'),
});

const codes = { unread: 'A message was never received' };
type Code = keyof typeof codes;

/** A pure function from one run to findings. It sees every run of the scenarios of its line; correct programs must never fail by it. */
export const ${name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())} = defineRule<z.infer<typeof parameters>, Code>({
  name: '${name}',
  summary: 'Each message is received',
  why: 'A message stays in its queue until somebody receives it.',
  source: 'msgrcv(2)',
  // A line that no run puts to the test earns nothing.
  tested: { by: 'a message that is sent', isIn: (run, { format }) => hasSent(run, format) },
  codes,
  hints: [
    'Who was to receive it?',
    'Look at the types that each msgrcv asks for.',
    'Receive with the type that the message was sent with.',
  ],
  parameters,
  check(run, { format }) {
    // In a run that was cut short, or hit by a signal, what is missing may be nobody's mistake.
    if (!isComplete(run) || isSignalled(run)) return [];
    return run.messages
      .filter((message) => message.format === format && message.sender !== null && message.receiver === null)
      .map(
        (message): Found<Code> => ({
          code: 'unread',
          message: \`Nobody received the \${nameMessage(message)} that \${getName(run, message.sender!)} sent.\`,
          // The one to three events that show it.
          events: takeEvents(message.sentAt),
          expected: 'received by somebody',
          actual: 'still in the queue at the end',
          processes: [message.sender!],
        }),
      );
  },
});
`;
