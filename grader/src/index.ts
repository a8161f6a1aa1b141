export { createCheck } from './explore/check-trace.js';
export { getInterrupt } from './commands/interrupt.js';
export { RULES } from './rules/index.js';
export { startGrading, type GradeOptions, type Grading } from './explore/start-grading.js';
export { renderLabSchema } from './lab/json-schema.js';
export { LabError } from './lab/lab-error.js';
export { type Lab, loadLab } from './lab/load-lab.js';
export { getHeadline, type Headline } from './score/headline.js';
export { type Result, RESULT_VERSION, resultSchema } from './score/result.js';
