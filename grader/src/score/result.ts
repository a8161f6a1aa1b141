import { z } from 'zod';
import { diagramSchema } from './diagram.js';

/** Changing the shape of `result.json` changes this in the same commit. */
export const RESULT_VERSION = 5;

const count = z.int().min(0);

/** `inconclusive`: could not tell, and says why. `error`: our side or the machine broke, which costs a student nothing. */
export const verdictSchema = z.enum(['pass', 'fail', 'inconclusive', 'error']);

const timelineEventSchema = z.strictObject({
  seq: count,
  /** Name of the process: `server#1`. */
  process: z.string(),
  /** What it did, in one line, without its name: `msgrcv(client.key, 12) took "hello" from client#1`. */
  text: z.string(),
  /** Is it one of the events that show the finding? The others are there for context. */
  shows: z.boolean(),
  /** Of a call: from where in the submission it was made, `src/server.ts:42:7` or `server.c:42`. Absent where that is not known. */
  place: z.string().optional(),
});

const findingSchema = z.strictObject({
  /** Name of the rule as in grader/src/rules. */
  rule: z.string(),
  code: z.string(),
  message: z.string(),
  expected: z.string(),
  actual: z.string(),
  why: z.string(),
  source: z.string(),
  /** Of the rule, as many as the lab allows: a question, a pointer, nearly the answer. */
  hints: z.array(z.string()),
  /** Names of the processes that it is about. */
  processes: z.array(z.string()),
  /** Replays the run that it was found in, `ipclab replay <token> <submission>`; ends with the id of the line of the score. */
  token: z.string(),
  scenario: z.string(),
  /** The events that show it and a few around them, in order. Gaps in `seq` are left-out events. */
  timeline: z.array(timelineEventSchema),
  /** Where the submission makes the last of the calls that show it; absent if there is none, or it is not known. */
  place: z.string().optional(),
  /** The same as a picture, with what connects the events. Absent where fewer than two processes take part. */
  diagram: diagramSchema.optional(),
  /** The one choice that decides: had another process moved there, this would hold. Absent if there is none, or none was found. */
  swap: z
    .strictObject({
      /** Two sentences: who moved before whom, and that it is well the other way round. */
      message: z.string(),
      /** Event with which the one that moved first went on. */
      seq: count,
    })
    .optional(),
});

/** Why nothing could be said. */
const doubtSchema = z.strictObject({
  /** One sentence. */
  reason: z.string(),
  scenario: z.string(),
  token: z.string(),
  /** Where a run and its repetition parted: the first event that differs, as it was and as it came again. */
  differs: z.strictObject({ seq: count, first: z.string(), again: z.string() }).optional(),
});

const ruleResultSchema = z.strictObject({
  /** Of the lab's line: `removed`. */
  id: z.string(),
  rule: z.string(),
  title: z.string(),
  points: z.number().min(0),
  maxPoints: z.number().min(0),
  /**
   * `not-run`: the submission did not build, so there was nothing to check; see `diagnostics`. `untested`: nothing was found wrong, but no run
   * did what the line is about, so nothing is earned.
   */
  verdict: z.enum([...verdictSchema.options, 'not-run', 'untested']),
  /** If and only if the verdict is `fail`. */
  finding: findingSchema.optional(),
  /** If and only if the verdict is `inconclusive`. */
  doubt: doubtSchema.optional(),
  /** If and only if the verdict is `untested`: what it takes, `a request that is sent`. */
  takes: z.string().optional(),
});

const outcomeSchema = z.strictObject({
  /** For people: `pass`, or the codes of the findings: `crossed reply`, `deadlock, not removed`. */
  what: z.string(),
  verdict: verdictSchema,
  runs: count,
  /** The simplest run of this outcome. */
  token: z.string(),
});

/** Numbers of places, by what became of the run. */
const matrixCellSchema = z.strictObject({ survived: count, failed: count, unreached: count, untried: count });

const matrixRowSchema = z.strictObject({
  /** `SIGTERM`, `SIGINT to all`, `SIGKILL +client#2`, `ENOSPC`, `RMID`. */
  what: z.string(),
  process: z.string(),
  /** Name of the call at which it came. */
  call: z.string(),
  /** By placement; a fault has `before` only. */
  cells: z.strictObject({
    before: matrixCellSchema.optional(),
    entry: matrixCellSchema.optional(),
    blocked: matrixCellSchema.optional(),
    after: matrixCellSchema.optional(),
  }),
});

const scenarioResultSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  /** Runs that were made; fewer than `budget` if a rule had failed or the grading was interrupted. */
  runs: count,
  budget: count,
  /** Most runs first, `pass` before the others. */
  outcomes: z.array(outcomeSchema),
  /** Of a scenario with signals or faults: places (a call and a placement) seen so far, tried, and reached. */
  placements: z
    .strictObject({ known: count, tried: count, landed: count, matrix: z.array(matrixRowSchema) })
    .optional(),
  /** Not there if nothing was run. */
  explored: z
    .strictObject({
      /** In the order of their first use: `bounded`, `random`, `pct(2)`, `pos`, `default`. */
      strategies: z.array(z.strictObject({ name: z.string(), runs: count })),
      /** Schedules that differ from one another. */
      distinct: count,
      /** Most processes in a run. */
      processes: count,
      /** Most points in a run at which more than one process could move. */
      choices: count,
      /** All schedules with at most so many preemptions were run; −1: not even all without one. */
      preemptions: z.int().min(-1).optional(),
      /** Were all schedules run that there are? */
      isComplete: z.boolean(),
    })
    .optional(),
  /** Did the time end before the runs? */
  outOfTime: z.boolean(),
});

const diagnosticSchema = z.strictObject({
  kind: z.enum(['missing-file', 'syntax', 'type', 'command']),
  severity: z.enum(['error', 'warning']),
  /** Relative to the submission. */
  file: z.string(),
  /** From 1; 0 if it concerns the file as a whole. */
  line: count,
  column: count,
  message: z.string(),
  /** The line with a mark under the place; may be empty, may be several lines. */
  excerpt: z.string(),
});

const faultSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  scenario: z.string().optional(),
  token: z.string().optional(),
});

/** What must be equal for two gradings of the same submission to be equal. */
const fingerprintSchema = z.strictObject({
  /** Short hash over the others. */
  id: z.string(),
  /** Short hash of lab.yaml. */
  lab: z.string(),
  seed: count,
  /** Version of ipclab. */
  tool: z.string(),
  /** Major version. */
  node: z.string(),
  /** Major and minor version; runs have its default limits, in a namespace of their own. */
  kernel: z.string(),
});

/** The outcome of grading one submission. Every outlet is a pure projection of it. */
export const resultSchema = z.strictObject({
  version: z.literal(RESULT_VERSION),
  /** The folder, as the user named it. */
  submission: z.string(),
  lab: z.strictObject({
    id: z.string(),
    title: z.string(),
    /** Did `ipclab lab check` find all well with this very lab? If not, it may be the lab that is wrong. */
    certified: z.boolean(),
  }),
  seed: count,
  fingerprint: fingerprintSchema,
  verdict: verdictSchema,
  /** Earned for certain. */
  points: z.number().min(0),
  maxPoints: z.number().min(0),
  /** Points of the rules that are `inconclusive` or `error`: neither earned nor lost. */
  undecidedPoints: z.number().min(0),
  /** In the lab's order. */
  rules: z.array(ruleResultSchema),
  scenarios: z.array(scenarioResultSchema),
  /** What the build said. One of severity `error` means: not run, 0 points. */
  diagnostics: z.array(diagnosticSchema),
  faults: z.array(faultSchema),
  /** Was the grading ended by Ctrl-C? Then this is what was known. */
  interrupted: z.boolean(),
});

export type Verdict = z.infer<typeof verdictSchema>;
export type TimelineEvent = z.infer<typeof timelineEventSchema>;
export type ResultFinding = z.infer<typeof findingSchema>;
export type Doubt = z.infer<typeof doubtSchema>;
export type RuleResult = z.infer<typeof ruleResultSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;
export type MatrixRow = z.infer<typeof matrixRowSchema>;
export type MatrixCell = z.infer<typeof matrixCellSchema>;
export type ScenarioResult = z.infer<typeof scenarioResultSchema>;
export type ResultDiagnostic = z.infer<typeof diagnosticSchema>;
export type ResultFault = z.infer<typeof faultSchema>;
export type Fingerprint = z.infer<typeof fingerprintSchema>;
export type Result = z.infer<typeof resultSchema>;
