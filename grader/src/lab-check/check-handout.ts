import { parseToken } from '@ipclab/harness';
import { renderSuggestion } from '../lab/suggest.js';
import { readSessions } from './handout-session.js';

/** What a handout may name. */
export interface Named {
  scenarios: readonly string[];
  lines: readonly { id: string; points: number }[];
  rules: readonly string[];
  hasFile: (file: string) => boolean;
}

/** What a handout says that is not so: examples that name what there is not, points that differ from lab.yaml. */
export function checkHandout(text: string, named: Named): string[] {
  return [...checkExamples(text, named), ...checkPoints(text, named)];
}

/** Calls of ipclab in the console blocks. */
function checkExamples(text: string, named: Named): string[] {
  return readSessions(text)
    .flatMap(({ commands }) => commands)
    .flatMap(({ line, command }) => {
      const call = /^(?:npx )?ipclab (.*)$/.exec(command)?.[1];
      return call === undefined ? [] : checkCall(splitWords(call), named).map((what) => `README.md:${line}: ${what}`);
    });
}

// Words up to what a shell takes for itself.
const splitWords = (call: string): string[] =>
  (/^[^;&|>#]*/.exec(call)?.[0].match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll(/^['"]|['"]$/g, ''));

const COMMANDS: Record<string, (args: readonly string[], named: Named) => string[]> = {
  grade: checkScenarioOption,
  free: checkScenarioOption,
  play: checkScenarioOption,
  start: (args, named) =>
    args
      .filter(isName)
      .slice(0, 1)
      .flatMap((name) => checkScenario(name, named)),
  replay: (args, named) =>
    args
      .filter(isName)
      .slice(0, 1)
      .flatMap((token) => checkToken(token, named)),
  run: (args, { hasFile }) =>
    args
      .filter(isName)
      .slice(0, 1)
      .flatMap((file) => (hasFile(file) ? [] : [`there is no ${file}`])),
  rules: (args, { rules }) =>
    args
      .filter(isName)
      .flatMap((name) => (rules.includes(name) ? [] : [`unknown rule ${name}${renderSuggestion(name, rules)}`])),
  init: () => [],
  test: () => [],
  doctor: () => [],
};

function checkCall([command = '', ...args]: readonly string[], named: Named): string[] {
  if (command.startsWith('-')) return [];
  const check = COMMANDS[command];
  return check
    ? check(args, named)
    : [`unknown command ipclab ${command}${renderSuggestion(command, Object.keys(COMMANDS))}`];
}

// Neither an option nor a placeholder, such as <token>.
const isName = (word: string): boolean => !/^[-<]/.test(word);

/** `--scenario order priority`, `--scenario=order`. */
function checkScenarioOption(args: readonly string[], named: Named): string[] {
  const names: string[] = [];
  for (const [index, word] of args.entries()) {
    const joined = /^--scenario=(.*)$/.exec(word)?.[1];
    if (joined !== undefined) names.push(joined);
    if (word !== '--scenario') continue;
    const rest = args.slice(index + 1);
    const end = rest.findIndex((each) => !isName(each));
    names.push(...(end < 0 ? rest : rest.slice(0, end)));
  }
  return names.flatMap((name) => checkScenario(name, named));
}

const checkScenario = (name: string, { scenarios }: Named): string[] =>
  scenarios.includes(name) ? [] : [`unknown scenario ${name}${renderSuggestion(name, scenarios)}`];

function checkToken(text: string, named: Named): string[] {
  try {
    const { scenario, line } = parseToken(text);
    const ids = named.lines.map(({ id }) => id);
    const isLine = line === undefined || ids.includes(line);
    return [
      ...checkScenario(scenario, named),
      ...(isLine ? [] : [`unknown line ${line}${renderSuggestion(line, ids)}`]),
    ];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** A table whose second column is headed `points` lists every line of the score, in any order, with its points. */
function checkPoints(text: string, { lines }: Named): string[] {
  const problems: string[] = [];
  const told = new Set<string>();
  let isTable = false;
  let wasTable = false;
  for (const [index, row] of text.split('\n').entries()) {
    const cells = /^\|(.*)\|\s*$/
      .exec(row)?.[1]
      ?.split('|')
      .map((cell) => cell.trim());
    if (!cells) isTable = false;
    else if (cells[1] === 'points') isTable = wasTable = true;
    else if (isTable && !/^:?-+:?$/.test(cells[0]!)) {
      const id = cells[0]!.replaceAll('`', '');
      const line = lines.find((each) => each.id === id);
      const place = `README.md:${index + 1}:`;
      told.add(id);
      if (!line)
        problems.push(
          `${place} unknown line ${id}${renderSuggestion(
            id,
            lines.map((each) => each.id),
          )}`,
        );
      else if (Number(cells[1]) !== line.points)
        problems.push(`${place} ${id} has ${line.points} points in lab.yaml, here ${cells[1]}`);
    }
  }
  if (wasTable)
    for (const { id } of lines) if (!told.has(id)) problems.push(`README.md: its table of points does not name ${id}`);
  return problems;
}
