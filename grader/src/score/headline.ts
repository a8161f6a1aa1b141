import type { Result } from './result.js';

/** What a result comes down to, in a sentence. */
export interface Headline {
  /** Name of the rule; `build` for what does not build, `doubt` and `fault` for what could not be told. */
  rule: string;
  code: string;
  message: string;
}

/** The first thing to look at: what does not build, else the first rule that failed, in the lab's order, else why nothing is certain, or earned. */
export function getHeadline({ diagnostics, rules, faults }: Result): Headline | undefined {
  const broken = diagnostics.find(({ severity }) => severity === 'error');
  if (broken) {
    const place = broken.line > 0 ? `${broken.file}:${broken.line}:${broken.column} ` : '';
    return { rule: 'build', code: broken.kind, message: `${place}${broken.message.split('\n')[0]}` };
  }
  for (const { finding } of rules)
    if (finding) return { rule: finding.rule, code: finding.code, message: finding.message };
  const [fault] = faults;
  if (fault) return { rule: 'fault', code: fault.code, message: fault.message };
  for (const { doubt } of rules) if (doubt) return { rule: 'doubt', code: 'not-again', message: doubt.reason };
  for (const { rule, verdict, title } of rules)
    if (verdict === 'untested') return { rule, code: verdict, message: `Nothing put it to the test: ${title}.` };
  return undefined;
}
