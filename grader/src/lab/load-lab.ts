import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { isCertified } from './certificate.js';
import { checkNames } from './check-names.js';
import type { Rule } from '../rules/rule.js';
import { describeIssue, type LabProblem } from './describe-issue.js';
import { type CustomRules, loadCustomRules } from './load-custom-rules.js';
import { LabError, type Problem } from './lab-error.js';
import { locate, type Path } from './locate.js';
import { createLabSchema, type LabFile, type RuleParameters } from './schema.js';

/** A lab, checked. */
export interface Lab {
  /** Absolute; holds lab.yaml. */
  folder: string;
  id: string;
  title: string;
  /** Hash of lab.yaml, and of the lab's own rules. */
  hash: string;
  /** Did `ipclab lab check` find all well with this very lab? */
  certified: boolean;
  roles: LabFile['roles'];
  formats: LabFile['formats'];
  scenarios: LabFile['scenarios'];
  /** How many of a rule's hints a report tells. */
  hints: number;
  rules: RuleLine[];
  /** Rules of its own, beside those that come with us. */
  customRules: readonly Rule[];
}

/** A line of the score. */
export interface RuleLine {
  id: string;
  /** Name in grader/src/rules, or of a rule of the lab's own. */
  rule: string;
  title: string;
  points: number;
  /** Names of those that it checks. */
  scenarios: string[];
  /** Already checked by the rule's own schema. */
  parameters: unknown;
}

/** `path`: lab.yaml or its folder. Throws a LabError with everything that is wrong with it. */
export function loadLab(path: string, rules: readonly RuleParameters[]): Lab {
  const file = basename(path) === 'lab.yaml' ? path : resolve(path, 'lab.yaml');
  const shown = relative('', file).startsWith('../..') ? file : relative('', file);
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`Expected a lab at ${shown}, but it cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
  const folder = dirname(resolve(file));
  const taken = rules.map(({ name }) => name);
  const lab = parseLab(source, shown, rules, (files) => loadCustomRules(folder, files, taken));
  return { ...lab, folder, certified: isCertified(folder, lab.hash) };
}

/** A rule about files, and a scenario in which they are not seen. */
function checkSeenCalls(lab: LabFile, rules: readonly RuleParameters[]): LabProblem[] {
  return lab.rules.flatMap(({ rule, scenarios = Object.keys(lab.scenarios) }, index): LabProblem[] => {
    const { aboutFiles, aboutSignals } = rules.find(({ name }) => name === rule) ?? {};
    const needed = [...(aboutFiles ? ['fileCalls' as const] : []), ...(aboutSignals ? ['signalCalls' as const] : [])];
    return needed.flatMap((option): LabProblem[] => {
      const unseen = scenarios.find((name) => lab.scenarios[name]?.[option] === false);
      if (unseen === undefined) return [];
      const message = `Expected the scenarios of rule ${rule} to have ${option}: true, ${unseen} has not`;
      return [{ path: ['rules', index, 'rule'], at: 'value', message }];
    });
  });
}

/** `file`: name for messages. A text has no folder, no certificate, and no rules of its own unless `loadCustom` brings them. */
export function parseLab(
  source: string,
  file: string,
  standardRules: readonly RuleParameters[],
  loadCustom: (files: readonly string[]) => CustomRules = () => ({ rules: [], code: '', problems: [] }),
): Lab {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const place = (start: number, end: number): Omit<Problem, 'message' | 'severity'> => {
    const { line, col } = lines.linePos(start);
    const endOfLine = source.indexOf('\n', start) < 0 ? source.length : source.indexOf('\n', start);
    return { line, column: col, length: Math.max(1, Math.min(end, endOfLine) - start) };
  };
  if (document.errors.length > 0)
    throw new LabError(
      file,
      document.errors.map(({ message, pos }) => ({
        severity: 'error',
        ...place(...pos),
        // The library's text ends in its own excerpt.
        message: `Not YAML: ${message.replace(/ at line \d+, column \d+:[^]*$/, '')}`,
      })),
      source,
    );

  const written: unknown = document.toJS();
  const listed = get(written, 'customRules');
  const files = Array.isArray(listed) ? listed.map(String) : [];
  const custom = loadCustom(files);
  const rules = [...standardRules, ...custom.rules];
  const schema = createLabSchema(rules);
  const parsed = schema.safeParse(written);
  const problems: LabProblem[] = custom.problems.map(({ index, message }) => ({
    path: ['customRules', index],
    at: 'value',
    message,
  }));
  // What a rule that could not be loaded is called is not known, so neither is who has a wrong name.
  const names = rules.map(({ name }) => name);
  problems.push(...checkNames(written, names, custom.problems.length === 0));
  const told = new Set(problems.map(({ path }) => path.join('\0')));
  if (!parsed.success) {
    const keysAt = createKeysAt(schema, written);
    const valueAt = (path: Path): unknown => path.reduce(get, written);
    // A wrong name is told once, by checkNames, which knows the names to choose from.
    const isTold = ({ code, path }: { code?: string; path: PropertyKey[] }): boolean =>
      (code === 'custom' && path.at(-1) === 'process') ||
      (custom.problems.length > 0 && path[0] === 'rules' && path[2] === 'rule');
    for (const issue of parsed.error.issues.filter((each) => !isTold(each)))
      problems.push(...describeIssue(issue, keysAt, valueAt).filter(({ path }) => !told.has(path.join('\0'))));
  }
  if (parsed.success) problems.push(...checkSeenCalls(parsed.data, rules));
  if (problems.length > 0 || !parsed.success)
    throw new LabError(
      file,
      problems
        .map(({ path, at, message }): Problem => ({
          severity: 'error',
          ...place(...locate(document, path, at)),
          message,
        }))
        .toSorted((a, b) => a.line - b.line || a.column - b.column),
      source,
    );

  const { lab, title, roles, formats, scenarios, hints } = parsed.data;
  return {
    folder: '',
    id: lab,
    title,
    hash: createHash('sha256').update(source).update(custom.code).digest('hex').slice(0, 12),
    certified: false,
    roles,
    formats,
    scenarios,
    hints,
    customRules: custom.rules,
    rules: parsed.data.rules.map((line) => ({
      id: line.id,
      rule: line.rule,
      title: line.title,
      points: line.points,
      scenarios: line.scenarios ?? Object.keys(scenarios),
      parameters: line.with,
    })),
  };
}

interface JsonSchema {
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** The keys that may stand at a path, read off the JSON Schema; of alternatives, those that fit what is written. */
function createKeysAt(schema: z.ZodType, written: unknown): (path: Path) => string[] {
  const root = createJsonSchema(schema) as JsonSchema;
  const branches = (node: JsonSchema, value: unknown): JsonSchema[] => {
    const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
    if (inner.length === 0) return [node];
    const fitting = inner.filter(({ properties }) =>
      Object.entries(properties ?? {}).every(
        ([key, property]) => property.const === undefined || property.const === get(value, key),
      ),
    );
    return (fitting.length > 0 ? fitting : inner).flatMap((branch) => branches(branch, value));
  };
  return (path) => {
    let value = written;
    let nodes = branches(root, value);
    for (const step of path) {
      value = get(value, step);
      nodes = nodes
        .map(({ properties, additionalProperties, items }) =>
          typeof step === 'number'
            ? items
            : (properties?.[String(step)] ??
              (typeof additionalProperties === 'object' ? additionalProperties : undefined)),
        )
        .filter((node) => node !== undefined)
        .flatMap((node) => branches(node, value));
    }
    return [...new Set(nodes.flatMap(({ properties }) => Object.keys(properties ?? {})))];
  };
}

const get = (value: unknown, step: PropertyKey): unknown =>
  (value as Record<PropertyKey, unknown> | null | undefined)?.[step];

/** For editors: docs/lab.schema.json. */
export function createJsonSchema(schema: z.ZodType): object {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any', reused: 'inline' });
}
