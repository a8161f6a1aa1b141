import { existsSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import { compileFunction } from 'node:vm';
import { type BuildFailure, buildSync } from 'esbuild';
import * as zod from 'zod';
import * as kit from '../rules/kit.js';
import type { Rule } from '../rules/rule.js';

/** What may be imported besides the rule's own files: a rule is a pure function, and sees nothing of this machine. */
const MODULES: Readonly<Record<string, unknown>> = { 'ipclab/rules': kit, zod };

const MAY_IMPORT = 'a rule may import ipclab/rules, zod and files of the lab';

export interface CustomRules {
  rules: Rule[];
  /** What they are made of, for the lab's hash. */
  code: string;
  /** `index`: of the file in the list. */
  problems: { index: number; message: string }[];
}

/** Bundles a lab's own rules and loads them. `taken`: names that there are already. */
export function loadCustomRules(folder: string, files: readonly string[], taken: readonly string[]): CustomRules {
  const result: CustomRules = { rules: [], code: '', problems: [] };
  for (const [index, file] of files.entries()) {
    try {
      const { rules, code } = loadFile(folder, file);
      for (const rule of rules) {
        if (taken.includes(rule.name) || result.rules.some(({ name }) => name === rule.name))
          throw new Error(`Expected a name of its own for rule ${rule.name} of ${file}: there is one already`);
        result.rules.push(rule);
      }
      result.code += code;
    } catch (error) {
      result.problems.push({ index, message: (error as Error).message });
    }
  }
  return result;
}

function loadFile(folder: string, file: string): { rules: Rule[]; code: string } {
  if (path.isAbsolute(file) || path.normalize(file).startsWith('..'))
    throw new Error(`Expected a file in the lab's folder, got ${file}`);
  if (!existsSync(path.join(folder, file))) throw new Error(`There is no ${file}`);
  const { code, map } = bundle(folder, file);
  const locate = createLocate(path.join(folder, file), map, folder);
  const module: { exports: Record<string, unknown> } = { exports: {} };
  try {
    compileFunction(code, ['module', 'exports', 'require'], { filename: path.join(folder, file) })(
      module,
      module.exports,
      requireOurs,
    );
  } catch (error) {
    throw new Error(`${locate(error) ?? file}: ${(error as Error).message}`, { cause: error });
  }
  const rules = Object.values(module.exports).filter(isRule);
  if (rules.length === 0) throw new Error(`Expected ${file} to export what defineRule makes, got no rule`);
  for (const { name, codes } of rules) {
    if (!/^[a-z][a-z0-9-]*$/.test(name))
      throw new Error(`Expected a rule's name in ${file} to be small letters, digits and dashes, got ${name}`);
    if (Object.keys(codes).length === 0) throw new Error(`Expected rule ${name} of ${file} to have codes, got none`);
  }
  return { rules: rules.map((rule) => ({ ...rule, file, locate })), code };
}

function requireOurs(name: string): unknown {
  const found = MODULES[name];
  if (found === undefined) throw new Error(`Could not resolve ${name}: ${MAY_IMPORT}`);
  return found;
}

/** One CommonJS module, because labs are loaded at once, without waiting. */
function bundle(folder: string, file: string): { code: string; map: SourceMapPayload } {
  try {
    const { outputFiles } = buildSync({
      absWorkingDir: folder,
      entryPoints: [file],
      outfile: path.join(folder, 'rule.js'),
      write: false,
      bundle: true,
      // Neither node's modules nor the browser's are known then.
      platform: 'neutral',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'external',
      external: Object.keys(MODULES),
      logLevel: 'silent',
    });
    const read = (end: string): string => outputFiles.find((each) => each.path.endsWith(end))!.text;
    return { code: read('.js'), map: JSON.parse(read('.map')) as SourceMapPayload };
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? [];
    if (!first) throw error;
    const { location, text } = first;
    const place = location ? `${location.file}:${location.line}:${location.column + 1}` : file;
    const help = text.startsWith('Could not resolve') ? `: ${MAY_IMPORT}` : '';
    throw new Error(`${place}: ${text}${help}`, { cause: error });
  }
}

/** Finds the first place of an error's stack that is in the bundle, and what it was made from. */
function createLocate(bundled: string, map: SourceMapPayload, folder: string): (error: unknown) => string | undefined {
  const entries = new SourceMap(map);
  return (error) => {
    const { stack = '' } = (error ?? {}) as Partial<Error>;
    const at = stack.indexOf(`${bundled}:`);
    const place = at < 0 ? undefined : /^:(\d+):(\d+)/.exec(stack.slice(at + bundled.length));
    if (!place) return undefined;
    // The map counts from 0, people and stacks from 1.
    const found = entries.findEntry(Number(place[1]) - 1, Number(place[2]) - 1);
    if (!('originalSource' in found)) return undefined;
    const source = path.relative(folder, path.resolve(folder, found.originalSource));
    return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  };
}

const isRule = (value: unknown): value is Rule => {
  const { name, summary, why, source, codes, parameters, check } = (value ?? {}) as Partial<Rule>;
  return (
    [name, summary, why, source].every((text) => typeof text === 'string') &&
    typeof codes === 'object' &&
    codes !== null &&
    typeof check === 'function' &&
    typeof (parameters as { safeParse?: unknown } | undefined)?.safeParse === 'function'
  );
};
