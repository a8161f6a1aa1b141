import { showText } from '../model/text.js';
import type { Rule } from '../rules/rule.js';
import { ANY_CALL } from '../rules/tested.js';
import { createExample, describeParameters, getParameterSchema, writeValue } from './describe-parameters.js';
import { createPaint, type RenderOptions } from './palette.js';
import { plural, wrapText } from './text.js';

const HINTS = ['A question', 'A pointer', 'Nearly the answer'];

/** All rules, each with what must hold. */
export function renderRules(rules: readonly Rule[], options: RenderOptions): string {
  const paint = createPaint(options);
  const width = Math.max(...rules.map(({ name }) => name.length)) + 2;
  const lines = rules.map(({ name, summary }) => `${paint('bold', name.padEnd(width))}${wrapText(summary, width)}`);
  return `${lines.join('\n')}\n\n${plural(rules.length, 'rule')}. ipclab rules <name> explains one.\n`;
}

/** One rule, for a terminal. */
export function renderRule(rule: Rule, options: RenderOptions): string {
  const paint = createPaint(options);
  const { name, summary, why, source, codes, hints } = rule;
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [`${paint('cyan', title)}\n${lines.map((line) => `  ${line}`).join('\n')}`];
  const width = Math.max(...Object.keys(codes).map((code) => code.length)) + 2;
  const parameters = describeParameters(rule.parameters).map((parameter) => {
    const { isRequired, description } = parameter;
    const facts = [parameter.type, parameter.default === undefined ? '' : `default ${parameter.default}`];
    const head = `${parameter.name} (${facts.filter(Boolean).join('; ')})${isRequired ? ', required' : ''}`;
    return `${paint('bold', wrapText(head, 4))}${description ? `\n    ${wrapText(description, 4)}` : ''}`;
  });
  return `${[
    `${paint('bold', name)}\n${wrapText(`${summary}.`, 0)}`,
    ...section('Why', [wrapText(`${why} [${source}]`, 2)]),
    ...section(
      'Finds',
      Object.entries(codes).map(([code, text]) => `${code.padEnd(width)}${wrapText(showText(text), width + 2)}`),
    ),
    ...section('Put to the test by', [wrapText(`${nameTested(rule)}.`, 2)]),
    ...section('Parameters', parameters),
    ...section('In lab.yaml', writeExample(rule).split('\n')),
    ...section(
      'Hints',
      (hints ?? []).map((hint, level) => `${level + 1}  ${wrapText(hint, 5)}`),
    ),
  ].join('\n\n')}\n`;
}

/** The text of docs/rules.md: each rule as a chapter. */
export function renderRulesReference(rules: readonly Rule[]): string {
  const list = rules.map(({ name, summary }) => `| [\`${name}\`](#${name}) | ${escapeCell(summary)} |`);
  return [
    '<!-- Written by scripts/rules-reference.mjs from the rules themselves; do not edit. -->',
    '',
    '# Rules',
    '',
    'What a line of the score in `lab.yaml` can ask for. `ipclab rules <name>` prints the same.',
    '',
    '| rule | what must hold |',
    '| --- | --- |',
    ...list,
    ...rules.flatMap(renderChapter),
    '',
  ].join('\n');
}

function renderChapter(rule: Rule): string[] {
  const { name, summary, why, source, codes, hints } = rule;
  const parameters = describeParameters(rule.parameters);
  return [
    '',
    `## ${name}`,
    '',
    `${summary}.`,
    '',
    `Why: ${why} (${source})`,
    '',
    '| finds | |',
    '| --- | --- |',
    ...Object.entries(codes).map(([code, text]) => `| \`${code}\` | ${escapeCell(text)} |`),
    '',
    `Put to the test by ${nameTested(rule)}.`,
    '',
    ...(parameters.length === 0
      ? ['It takes no parameters.']
      : [
          '| parameter | type | default | |',
          '| --- | --- | --- | --- |',
          ...parameters.map((parameter) => {
            const standard = parameter.isRequired ? 'required' : parameter.default && `\`${parameter.default}\``;
            return `| \`${parameter.name}\` | ${escapeCell(parameter.type)} | ${escapeCell(standard ?? '')} | ${escapeCell(parameter.description)} |`;
          }),
        ]),
    '',
    '```yaml',
    writeExample(rule),
    '```',
    ...(hints
      ? [
          '',
          'Hints, of which a lab tells as many as it says:',
          '',
          ...hints.map((hint, level) => `${level + 1}. ${HINTS[level]}: ${hint}`),
        ]
      : []),
  ];
}

const nameTested = ({ tested }: Rule): string => (tested ?? ANY_CALL).by;

const escapeCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

/** A line of the score that uses the rule. */
function writeExample({ name, example, parameters }: Rule): string {
  const used = example ?? writeValue(createExample(getParameterSchema(parameters)));
  return [
    `- id: my-${name}`,
    `  rule: ${name}`,
    '  points: 2',
    '  title: What must hold, in words for students',
    `  with: ${used}`,
  ].join('\n');
}
