import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { release } from 'node:os';
import type { Fingerprint } from '../score/result.js';

/** Version of this package. */
export const TOOL_VERSION = (createRequire(import.meta.url)('../../package.json') as { version: string }).version;

export function createFingerprint(lab: { hash: string }, seed: number): Fingerprint {
  const parts = {
    lab: lab.hash,
    seed,
    tool: TOOL_VERSION,
    node: process.versions.node.split('.')[0]!,
    kernel: release().split('.').slice(0, 2).join('.'),
  };
  return { id: createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8), ...parts };
}
