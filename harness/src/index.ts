export { type Build, type Bundle, type Diagnostic, type RoleSource } from './build/build.js';
export { Fault, type FaultCode } from './fault.js';
export { createPlan, DEFAULT_LIMITS } from './scenario/create-plan.js';
export {
  FAULT_CALLS,
  getProcessNames,
  roleName,
  type Scenario,
  scenarioName,
  scenarioSchema,
} from './scenario/scenario.js';
export { type Fact, type Machine, probeMachine } from './sandbox/probe-machine.js';
export { createTemporaryFolder, removeTemporaryFolder, removeTemporaryRoot } from './sandbox/temporary.js';
export { createSchedule, DEFAULT_SCHEDULE, type Schedule } from './schedule/schedule.js';
export { formatToken, parseToken, scheduleOfToken, type Token, TokenError } from './schedule/token.js';
export { type BuildOptions, buildSubmission, removeBuild } from './build/build-submission.js';
export { createEngine, type Engine, type EngineOptions } from './run/engine.js';
export { runInNamespaces } from './run/run-confined.js';
export { runScenario } from './run/run-scenario.js';
export { createTraceFromHistory } from './history/create-trace.js';
export { linearize, type Linearization, type LinearizeOptions, type Violation } from './history/linearize.js';
export { compareTraces, type TraceDifference, traceDigest } from './trace/digest.js';
export { parseTrace, traceSchema } from './trace/schema.js';
