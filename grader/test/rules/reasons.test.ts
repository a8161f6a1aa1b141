import { RULES } from '../../src/rules/index.js';
import type { Reason } from '../../src/rules/rule.js';

const getReasons = (rule: object): Record<string, Reason> =>
  'reasons' in rule ? (rule.reasons as Record<string, Reason>) : {};

test('what a rule finds is explained by the rule, but for these, which have reasons of their own', () => {
  const own = RULES.map((rule) => [rule.name, Object.keys(getReasons(rule))] as const);
  expect(Object.fromEntries(own.filter(([, codes]) => codes.length > 0))).toEqual({
    'queues-removed': ['wrong-remover', 'too-early-pending', 'too-early-waiting', 'twice', 'decoy-removed'],
    'exactly-once': ['received-own', 'wrong-receiver', 'twice', 'not-done'],
    'replies-reach-their-asker': ['missing', 'unasked', 'wrong-content'],
    'exit-status': ['killed'],
    output: ['too-early'],
    'no-orphans': ['zombie'],
    'asks-for-type': ['any-type', 'too-wide'],
    acknowledged: ['too-soon'],
    'drop-policy': ['blocked', 'out-of-order'],
    'message-format': ['cut', 'no-format'],
    'file-mailbox': ['overwritten', 'not-sent', 'foreign-touched'],
    'scans-again': ['none-taken'],
    semaphores: ['left-taken', 'given-twice'],
    'shared-memory': ['not-detached', 'attached-late'],
    'blocked-signals': ['not-restored', 'unblocked-others'],
    'stops-on-signal': ['killed', 'dropped'],
  });
});

test('a reason is a sentence, and says who says so', () => {
  for (const rule of RULES)
    for (const { why, source } of Object.values(getReasons(rule))) {
      expect(why).toMatch(/^\w.{30,}[.!]$/);
      expect(source).not.toBe('');
    }
});
