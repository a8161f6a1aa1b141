export { type Build, type Bundle, type Diagnostic, type RoleSource } from './build/build.js';
export { Fault, type FaultCode } from './fault.js';
export { createPlan, DEFAULT_LIMITS } from './scenario/create-plan.js';
export { getProcessNames, roleName, type Scenario, scenarioName, scenarioSchema } from './scenario/scenario.js';
export { DEFAULT_SCHEDULE, type Schedule } from './schedule/schedule.js';
export { formatToken, parseToken, scheduleOfToken, type Token, TokenError } from './schedule/token.js';
export { type BuildOptions, buildSubmission, removeBuild } from './build/build-submission.js';
export { createEngine, type Engine, type EngineOptions } from './run/engine.js';
export { runScenario } from './run/run-scenario.js';
