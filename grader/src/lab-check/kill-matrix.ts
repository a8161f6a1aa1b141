import { z } from 'zod';
import type { LabCheck } from './lab-check.js';

const count = z.int().min(0);

/** Which mutant a lab's check caught by which line of the score: what docs/kill-matrix.md is made of. It stays with the staff. */
export const killMatrixSchema = z.strictObject({
  version: z.literal(1),
  lab: z.string(),
  title: z.string(),
  seeds: count,
  /** Ids of the score's lines, in the lab's order. */
  lines: z.array(z.string()),
  correct: z.array(z.strictObject({ program: z.string(), runs: count, falseAlarms: count })),
  mutants: z.array(
    z.strictObject({
      mutant: z.string(),
      /** `removed: left`. */
      expected: z.string(),
      under: z.string(),
      /** Seeds with which it was caught by that. */
      caught: count,
      /** `3 of order`: the run that showed it first, with the first seed. */
      first: z.string(),
      /** Lines that it must lose, and that it lost with the first seed. */
      wanted: z.array(z.string()),
      lost: z.array(z.string()),
    }),
  ),
});

export type KillMatrix = z.infer<typeof killMatrixSchema>;

export function createKillMatrix({ lab, seeds, correct, mutants }: LabCheck): KillMatrix {
  return {
    version: 1,
    lab: lab.id,
    title: lab.title,
    seeds,
    lines: lab.lines,
    correct: correct.map(({ name, runs, alarms }) => ({ program: name, runs, falseAlarms: alarms })),
    mutants: mutants.map(({ name, expected, under, caught, first, wanted, lost }) => ({
      mutant: name,
      expected,
      under,
      caught,
      first,
      wanted,
      lost,
    })),
  };
}
