import { type Result, RESULT_VERSION, type ResultFinding, type RuleResult } from '../../src/score/result.js';

export const finding: ResultFinding = {
  rule: 'queues-removed',
  code: 'too-early-pending',
  message: 'main#1 removed queue A with a message still in it: number of type 42 {number: 252}.',
  expected: 'every message is received before the queue is removed',
  actual: 'removing it destroyed what was in it',
  why: 'IPC_RMID removes a queue at once, and destroys all messages in it: nobody can receive them any more.',
  source: 'msgctl(2), Lecture 6: IPC_RMID',
  hints: [],
  processes: ['main#1'],
  token: 'order~main1.3:main1_1',
  scenario: 'order',
  timeline: [
    { seq: 3, process: 'main#1', text: 'msgget(IPC_PRIVATE, IPC_CREAT|0600) = queue A', shows: false },
    {
      seq: 5,
      process: 'main#1',
      text: 'msgsnd(queue A, number of type 42 {number: 252, and: "a text that makes it long"}) = 0',
      shows: true,
    },
    { seq: 6, process: 'main#1.1', text: 'starts (forked)', shows: false },
    { seq: 10, process: 'main#1', text: 'msgctl(queue A, IPC_RMID) = 0', shows: true },
  ],
};

export const createRule = (parts: Partial<RuleResult>): RuleResult => ({
  id: 'removed',
  rule: 'queues-removed',
  title: 'The queue is removed, once, after the receive',
  points: 4,
  maxPoints: 4,
  verdict: 'pass',
  ...parts,
});

export const createReport = (parts: Partial<Result>): Result => ({
  version: RESULT_VERSION,
  submission: 'submissions/ann',
  lab: { id: '01-hello-queue', title: 'Hello, queue', certified: true },
  seed: 7,
  fingerprint: { id: 'd3c07029', lab: 'l', seed: 7, tool: '0.1.0', node: '20', kernel: '6.18' },
  verdict: 'pass',
  points: 4,
  maxPoints: 4,
  undecidedPoints: 0,
  rules: [createRule({})],
  scenarios: [],
  diagnostics: [],
  faults: [],
  interrupted: false,
  ...parts,
});

/** Lines of a text, for whole comparison. */
export const linesOf = (text: string): string[] => text.split('\n');
