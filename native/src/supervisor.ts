/** The typed face of the supervisor addon, for the harness. */
export type * from './plan.js';
export type * from './trace.js';
export type * from './history.js';
export { HISTORY_VERSION } from './history.js';
export { TRACE_VERSION } from './trace.js';
