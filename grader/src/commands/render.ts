// Stands in for grader/src/report until that is there.
import type { Result, ResultDiagnostic, RuleResult } from '../score/result.js';
export interface RenderOptions {
  color: boolean;
}
export const renderDiagnostics = (diagnostics: readonly ResultDiagnostic[], _: RenderOptions): string =>
  diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.severity}: ${d.message}\n${d.excerpt}`).join('\n');
export const renderOutcome = (rule: RuleResult, result: Result, _: RenderOptions): string =>
  rule.finding
    ? `${rule.finding.message}\n${rule.finding.timeline.map((e) => `${e.shows ? '>' : ' '} ${e.seq} ${e.process} ${e.text}`).join('\n')}\nexpected ${rule.finding.expected}\nactual ${rule.finding.actual}\n ipclab replay '${rule.finding.token}' ${result.submission}`
    : JSON.stringify(rule.doubt ?? result.faults, null, 1);
export const renderSummary = (result: Result, _: RenderOptions): string =>
  `${result.points} of ${result.maxPoints} points, fingerprint ${result.fingerprint.id}`;
export const renderReport = (result: Result, options: RenderOptions): string =>
  [
    renderDiagnostics(result.diagnostics, options),
    ...result.rules.map(
      (rule) =>
        `${rule.verdict} ${rule.title} ${rule.points}/${rule.maxPoints}\n${rule.verdict === 'pass' ? '' : renderOutcome(rule, result, options)}`,
    ),
    ...result.scenarios.map(
      (s) =>
        `${s.name}: ${s.runs}/${s.budget} ${JSON.stringify(s.placements)} ${s.outcomes.map((o) => `${o.runs} ${o.what} ${o.token}`).join(' · ')}`,
    ),
    JSON.stringify(result.faults),
    renderSummary(result, options),
  ].join('\n');

import type { ResultFinding, TimelineEvent } from '../score/result.js';
import type { Trace } from '@ipclab/native/supervisor';
export interface Replay {
  lab: { id: string };
  token: { scenario: string; injections: unknown[] };
  scenario: { title: string };
  trace: Trace;
  timeline: TimelineEvent[];
  findings: { id: string; finding: ResultFinding }[];
}
export const renderReplay = ({ scenario, trace, timeline, findings }: Replay, _: RenderOptions): string =>
  [
    scenario.title,
    ...timeline.map((e) => `${e.seq} ${e.process} ${e.text}`),
    JSON.stringify(trace.end),
    JSON.stringify(trace.injections),
    ...findings.map(({ id, finding }) => `${id}: ${finding.message}`),
    '',
  ].join('\n');
