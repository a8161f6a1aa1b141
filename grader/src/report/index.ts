export { createDiagram } from './create-diagram.js';
export { type DiagramOptions, renderDiagram } from './diagram.js';
export { renderEvent } from './event.js';
export { renderDiagnostics, renderFinding } from './finding.js';
export { type FreeOutcome, type FreeScenario, renderFree } from './free.js';
export type { RenderOptions } from './palette.js';
export { hasFailed, type Replay, renderReplay } from './replay.js';
export { renderOutcome, renderReport, renderSummary } from './report.js';
export { renderTimeline } from './timeline.js';
