import { roleName, scenarioName, scenarioSchema } from '@ipclab/harness';
import { z } from 'zod';

/** What the lab's schema needs to know of a rule. */
export interface RuleParameters {
  name: string;
  summary: string;
  parameters: z.ZodType;
  /** Must its scenarios have `fileCalls`? */
  aboutFiles?: boolean;
  /** Must its scenarios have `signalCalls`? */
  aboutSignals?: boolean;
}

const role = z
  .strictObject({
    entry: z.string().min(1).optional().describe('TypeScript file of the submission that the processes run'),
    command: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Executable of the submission that the processes run; beside `entry`: of submissions in another language',
      ),
    build: z.string().min(1).optional().describe('Shell command that makes it: make'),
  })
  .superRefine(({ entry, command, build }, context) => {
    const fail = (message: string, path: string[] = []) => context.addIssue({ code: 'custom', path, message });
    if (entry === undefined && command === undefined) fail('Expected a role to have entry, command, or both');
    if (build !== undefined && command === undefined)
      fail('Expected build together with command only: an entry is built by us', ['build']);
  })
  .transform(({ entry, command, build }) => {
    if (command === undefined) return { entry: entry! };
    const made = { command, ...(build === undefined ? {} : { build }) };
    return entry === undefined ? made : { entry, ...made };
  })
  .describe('One program of the lab');

const cType = z
  .string()
  .regex(
    /^(?:char|u?int(?:8|16|32|64)|short|int|long|float|double|unsigned (?:char|short|int|long))(?:\[[1-9]\d*\])?$/,
    "Expected a C type: char, 'char[64]', int, long, int8 … uint64, float, double, or an array such as 'int[4]'",
  );

const format = z
  .strictObject({
    mtype: z
      .strictObject({ min: z.int().min(1).optional(), max: z.int().min(1).optional() })
      .default({})
      .describe('Types of the messages that have this format'),
    fields: z.record(z.string(), cType).describe('In the order of the struct, without its mtype'),
  })
  .describe('How rules read a message');

const line = {
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'Expected an id: small letters, digits and dashes')
    .describe('Names the line, in results'),
  points: z.number().min(0).describe('Earned when no run of its scenarios gives a finding'),
  title: z.string().min(1).describe('What must hold, for people'),
  scenarios: z.array(scenarioName).min(1).optional().describe('Those that it checks; all if not said'),
};

/** The schema of lab.yaml: a line of the score takes the parameters of its rule. */
export function createLabSchema(rules: readonly RuleParameters[]) {
  const lines = rules.map(({ name, summary, parameters }) =>
    z
      .strictObject({ ...line, rule: z.literal(name), with: parameters.prefault({}).describe(`Of rule ${name}`) })
      .describe(summary),
  );
  type Line = z.ZodType<{
    id: string;
    rule: string;
    points: number;
    title: string;
    scenarios?: string[];
    with: unknown;
  }>;
  return z.strictObject({
    version: z.literal(1).describe('Of the format of this file'),
    lab: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'Expected a lab id, such as 02-mtype-dispatch')
      .describe('Id of the lab; the name of its folder'),
    title: z.string().min(1),
    roles: z.record(roleName, role),
    formats: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), format).default({}),
    scenarios: z.record(scenarioName, scenarioSchema),
    customRules: z
      .array(z.string().regex(/\.ts$/, 'Expected a TypeScript file of the lab, such as rules/my-rule.ts'))
      .default([])
      .describe('Files with rules of the lab’s own: they export what defineRule of ipclab/rules makes'),
    hints: z
      .int()
      .min(0)
      .max(3)
      .default(1)
      .describe('How many of a rule’s three hints a report tells: a question, a pointer, nearly the answer'),
    rules: z
      .array(z.discriminatedUnion('rule', lines as unknown as [(typeof lines)[number]]) as unknown as Line)
      .min(1)
      .describe('Each is a line of the score'),
  });
}

export type LabFile = z.infer<ReturnType<typeof createLabSchema>>;
