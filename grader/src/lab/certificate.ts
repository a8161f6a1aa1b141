import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const count = z.int().min(0);

/** What `ipclab lab check` found of a lab. The same lab, tool and numbers give the same certificate, but for what depends on time under load. */
export const certificateSchema = z.strictObject({
  version: z.literal(1),
  lab: z.string(),
  /** Over lab.yaml, the skeletons and what is in .staff. */
  labHash: z.string(),
  /** Over lab.yaml alone: all that can be compared where there is no .staff. */
  fileHash: z.string(),
  /** Version of ipclab. */
  tool: z.string(),
  outcome: z.enum(['certified', 'failed']),
  points: z.number().min(0),
  seeds: count,
  /** At least so many of each correct program, over all seeds. */
  runs: count,
  /** Was every core kept busy? */
  load: z.boolean(),
  correct: z.strictObject({
    programs: count,
    runs: count,
    falseAlarms: count,
    /** Of the rate of false alarms, one-sided, 95 %. */
    upperBound: z.number().min(0).max(1),
  }),
  mutants: z.strictObject({
    programs: count,
    /** On every seed. */
    caught: count,
    /** Runs until the first that showed the mistake, over all mutants and seeds. */
    medianRuns: count.nullable(),
    maxRuns: count.nullable(),
  }),
});

export type Certificate = z.infer<typeof certificateSchema>;

export const CERTIFICATE = 'certificate.json';
/** Written beside it: which line of the score caught which mutant (lab-check/kill-matrix.ts). */
export const KILL_MATRIX = 'kill-matrix.json';

/** Is there a certificate of this very lab? `fileHash`: of its lab.yaml. */
export function isCertified(folder: string, fileHash: string): boolean {
  const staff = path.join(folder, '.staff');
  // Labs are handed out without .staff, with the certificate beside lab.yaml.
  const hasStaff = existsSync(staff);
  const certificate = readCertificate(path.join(hasStaff ? staff : folder, CERTIFICATE));
  if (certificate?.outcome !== 'certified' || certificate.fileHash !== fileHash) return false;
  return !hasStaff || certificate.labHash === hashLab(folder);
}

function readCertificate(file: string): Certificate | undefined {
  try {
    return certificateSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    // There is none, or it is no JSON: not certified.
    return undefined;
  }
}

// What is made from them, and notes, make no difference.
const SOURCES = /\.(?:[cm]?[jt]s|c|h|yaml|json|txt|xml|key)$|^Makefile$/;
const OTHERS = new Set(['node_modules', 'dist', 'build', 'coverage', CERTIFICATE, KILL_MATRIX]);

/** Over lab.yaml, its rules, the skeletons and the sources in .staff: their names and contents. */
export function hashLab(folder: string): string {
  const hash = createHash('sha256');
  for (const file of listSources(folder, ''))
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(folder, file)))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}

function listSources(folder: string, inside: string): string[] {
  return readdirSync(path.join(folder, inside), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .filter(({ name }) => !OTHERS.has(name) && (!name.startsWith('.') || name === '.staff'))
    .flatMap((entry) => {
      const file = path.posix.join(inside, entry.name);
      if (entry.isDirectory()) return listSources(folder, file);
      return entry.isFile() && SOURCES.test(entry.name) ? [file] : [];
    });
}
