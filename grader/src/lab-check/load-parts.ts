import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const reasonSchema = z.strictObject({
  /** A rule, or a line of the score. */
  rule: z.string().min(1),
  code: z.string().min(1).optional(),
});

const mutantSchema = z.strictObject({
  ...reasonSchema.shape,
  /** The solution that it changes: a folder of .staff. */
  from: z.string().min(1),
  /** Circumstances in which it must be caught: polite, order, signal, kill, full-queue, decoy. */
  under: z.string().default(''),
  /** What a student has got wrong, in a sentence. */
  mistake: z.string().default(''),
});

/** `skeletons`: of folders whose skeleton fails otherwise than that of the lab. */
const skeletonSchema = z.strictObject({
  ...reasonSchema.shape,
  skeletons: z.record(z.string(), reasonSchema).default({}),
});

export type Reason = z.infer<typeof reasonSchema>;

export interface Mutant extends z.infer<typeof mutantSchema> {
  name: string;
  /** Holds the files that differ from the solution `from`. */
  folder: string;
}

export interface Program {
  /** As it is shown: `solution-async`, `traps/looks-first`, `.`, `c`. */
  name: string;
  folder: string;
}

/** What there is to a lab besides lab.yaml, as far as it can be read. */
export interface LabParts {
  skeletons: (Program & { reason?: Reason })[];
  /** Solutions and traps: they must never fail. */
  correct: Program[];
  mutants: Mutant[];
  /** What is missing or cannot be read. */
  problems: string[];
}

/** Finds skeletons, solutions, traps and mutants in a lab's folder. */
export function loadParts(lab: string): LabParts {
  const staff = path.join(lab, '.staff');
  const problems: string[] = [];
  const read = <T>(file: string, schema: z.ZodType<T>): T | undefined => {
    const shown = path.relative(lab, file);
    try {
      const parsed = schema.safeParse(parse(readFileSync(file, 'utf8')));
      if (parsed.success) return parsed.data;
      for (const { path: at, message } of parsed.error.issues)
        problems.push(`${shown}: ${[at.join('.'), message].filter(Boolean).join(': ')}`);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      problems.push(`${shown}: ${code === 'ENOENT' ? 'there is no such file' : message.split('\n')[0]}`);
    }
    return undefined;
  };

  const stated = read(path.join(staff, 'skeleton.yaml'), skeletonSchema);
  const skeletons = findSkeletons(lab).map((program) => {
    const reason = stated?.skeletons[program.name] ?? stated;
    return reason ? { ...program, reason } : program;
  });
  const solutions = listFolders(staff).filter((name) => name.startsWith('solution'));
  const traps = listFolders(path.join(staff, 'traps')).map((name) => `traps/${name}`);
  const mutants = listFolders(path.join(staff, 'mutants')).flatMap((name): Mutant[] => {
    const folder = path.join(staff, 'mutants', name);
    const file = path.join(folder, 'mutant.yaml');
    const said = read(file, mutantSchema);
    if (!said) return [];
    if (!existsSync(path.join(staff, said.from))) {
      problems.push(`${path.relative(lab, file)}: from: there is no .staff/${said.from}`);
      return [];
    }
    return [{ ...said, name, folder }];
  });
  if (solutions.length === 0) problems.push('.staff: there is no solution: a folder solution-…');
  if (mutants.length === 0) problems.push('.staff/mutants: there is no mutant');
  return {
    skeletons,
    correct: [...solutions, ...traps].map((name) => ({ name, folder: path.join(staff, name) })),
    mutants,
    problems,
  };
}

/** The lab's own folder, and each folder in it that is a submission in another language. */
const findSkeletons = (lab: string): Program[] =>
  [
    '.',
    ...listFolders(lab).filter((name) => !name.startsWith('.') && existsSync(path.join(lab, name, 'package.json'))),
  ].map((name) => ({ name, folder: path.join(lab, name) }));

/** Names, in order. */
export const listFolders = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
        .map(({ name }) => name)
        .toSorted()
    : [];
