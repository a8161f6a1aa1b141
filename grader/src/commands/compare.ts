import { readFileSync } from 'node:fs';
import { renderComparison } from '../report/index.js';
import { compareResults } from '../score/compare-results.js';
import { type Result, RESULT_VERSION, resultSchema } from '../score/result.js';
import { UsageError } from './render-problem.js';
import { hasColor } from './style.js';

/** Compares two results; answers the exit code: 0 if they say the same, 1 if not. */
export function compare(one: string, other: string): number {
  const comparison = compareResults(readResult(one), readResult(other));
  process.stdout.write(renderComparison(comparison, { color: hasColor(process.stdout) }));
  return comparison.verdicts.length === 0 ? 0 : 1;
}

function readResult(file: string): Result {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`Expected the JSON of a result in ${file}: ${(error as Error).message}`, { cause: error });
  }
  const version = (content as { version?: unknown } | null)?.version;
  if (version !== RESULT_VERSION)
    throw new UsageError(
      `Expected a result of version ${RESULT_VERSION} in ${file}, got ${version === undefined ? 'something without a version' : `version ${JSON.stringify(version)}`}.`,
    );
  const { success, data, error } = resultSchema.safeParse(content);
  if (success) return data;
  const [{ path, message }] = error.issues as [(typeof error.issues)[number]];
  throw new UsageError(`${file}: at ${path.join('.')}: ${message}`);
}
