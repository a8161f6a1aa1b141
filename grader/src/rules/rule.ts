import type { z } from 'zod';
import type { Run } from '../model/run.js';
import type { Tested } from './tested.js';

/** The submission is wrong here. Data; never thrown. */
export interface Finding {
  /** Name of the rule. */
  rule: string;
  /** One of the rule's closed list. */
  code: string;
  /** What happened, in one sentence that names the processes. */
  message: string;
  /** `seq` of the one to three events that show it; may be empty when it is about what did not happen. */
  events: number[];
  expected: string;
  actual: string;
  /** Why it is so, in a sentence of the lecture or the man page. */
  why: string;
  /** `msgctl(2)`, `Lecture 6`. */
  source: string;
  /** Those it is about: places in `Trace.processes`. */
  processes: number[];
}

/** A pure function from a run to findings, with parameters that a lab gives. */
export interface Rule<P = unknown> {
  name: string;
  /** One sentence: what must hold. */
  summary: string;
  why: string;
  source: string;
  /** Closed list of what it can find. */
  codes: Readonly<Record<string, string>>;
  /** A question, a pointer, nearly the answer; how many of them are told is the lab's to say. */
  hints?: [string, string, string];
  /** A use of it: what lab.yaml says under `with`. If there is none, the least that the parameters ask for is shown. */
  example?: string;
  parameters: z.ZodType<P>;
  /** Does it look at calls on files? Then its scenarios must have `fileCalls`, and a trace without files tells it nothing. */
  aboutFiles?: true;
  /** Does it look at signal masks? Then its scenarios must have `signalCalls`. */
  aboutSignals?: true;
  /** Default: a process has made a system call that is seen. */
  tested?: Tested<P>;
  check(run: Run, parameters: P): Finding[];
  /** Of a lab's own rule: its file, `rules/my-rule.ts` … */
  file?: string;
  /** … and where in it an error was thrown: `rules/my-rule.ts:12:5`. */
  locate?(error: unknown): string | undefined;
}

/** What a rule says of a finding; the rest is the rule's. */
export type Found<Code extends string = string> = { code: Code } & Omit<Finding, 'rule' | 'code' | 'why' | 'source'> &
  Partial<Pick<Finding, 'why' | 'source'>>;

/** Why a thing is as it is, and who says so. */
export interface Reason {
  why: string;
  source: string;
}

/** Makes a rule; its findings carry its name and a reason: their own, else that of their code, else the rule's. */
export function defineRule<P, Code extends string>(
  rule: Omit<Rule<P>, 'check' | 'codes'> & {
    codes: Readonly<Record<Code, string>>;
    /** For codes that the rule's own reason does not explain. */
    reasons?: Partial<Record<Code, Reason>>;
    check(run: Run, parameters: P): Found<Code>[];
  },
): Rule<P> {
  const { name, why, source } = rule;
  const reasons: Partial<Record<Code, Reason>> = rule.reasons ?? {};
  return {
    ...rule,
    check: (run, parameters) =>
      rule.check(run, parameters).map((parts) => ({ rule: name, why, source, ...reasons[parts.code], ...parts })),
  };
}
