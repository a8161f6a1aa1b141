import type { z } from 'zod';
import type { Path } from './locate.js';
import { renderSuggestion } from './suggest.js';

export interface LabProblem {
  path: Path;
  at: 'key' | 'value';
  message: string;
}

type Issue = z.core.$ZodIssue;

/** One zod issue in our words. `keysAt` knows which keys there may be at a path, `valueAt` what is written there. */
export function describeIssue(
  issue: Issue,
  keysAt: (path: Path) => string[],
  valueAt: (path: Path) => unknown,
): LabProblem[] {
  const problem = (message: string, path: Path = issue.path, at: LabProblem['at'] = 'value') => [{ path, at, message }];
  const got = renderValue(valueAt(issue.path));
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.flatMap((key) =>
        problem(
          `Unknown key ${key} in ${name(issue.path)}${renderSuggestion(key, keysAt(issue.path))}`,
          [...issue.path, key],
          'key',
        ),
      );
    case 'invalid_type': {
      if (valueAt(issue.path) === undefined)
        return problem(`Expected ${name(issue.path.slice(0, -1))} to have ${String(issue.path.at(-1))}, got none`);
      return problem(`Expected ${name(issue.path)} to be ${TYPES[issue.expected] ?? issue.expected}, got ${got}`);
    }
    case 'invalid_key':
      return problem(
        `${issue.issues[0]?.message ?? 'Expected another name'}, got ${String(issue.path.at(-1))}`,
        issue.path,
        'key',
      );
    case 'invalid_union': {
      // Of the branches, the one that was most nearly met.
      const branches = issue.errors.map((branch) =>
        branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })),
      );
      const [nearest] = branches.toSorted((a, b) => a.length - b.length);
      if (!nearest || nearest.length === 0)
        return problem(`Expected ${name(issue.path)} to be something else, got ${got}`);
      return nearest.flatMap((inner) => describeIssue(inner, keysAt, valueAt));
    }
    case 'invalid_value': {
      const values = issue.values.map(String);
      if (valueAt(issue.path) === undefined)
        return problem(`Expected ${name(issue.path.slice(0, -1))} to have ${String(issue.path.at(-1))}, got none`);
      const wanted = values.length === 1 ? values[0]! : `one of ${values.join(', ')}`;
      const meant =
        values.length === 1 ? '' : renderSuggestion(String(valueAt(issue.path)), values).replace(/^; there are.*/, '');
      return problem(`Expected ${name(issue.path)} to be ${wanted}, got ${got}${meant}`);
    }
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
      if (issue.origin === 'string') return problem(`Expected ${name(issue.path)} not to be empty`);
      if (issue.origin === 'array') return problem(`Expected ${name(issue.path)} to have ${bound} entries, got ${got}`);
      return problem(`Expected ${name(issue.path)} to be ${bound}, got ${got}`);
    }
    default:
      // Our own texts say what is expected; some also what was found.
      return problem(
        /, got |^Expected .*(?:either|together)/.test(issue.message) ? issue.message : `${issue.message}, got ${got}`,
      );
  }
}

const name = (path: Path): string => renderPath(path) || 'the file';

/** `rules[0].with.by`. */
export function renderPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text ? `${text}.${String(step)}` : String(step);
  }, '');
}

const TYPES: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map (key: value)',
  record: 'a map (key: value)',
};

export function renderValue(value: unknown): string {
  if (value === undefined) return 'none';
  if (value === null) return 'nothing (null)';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
