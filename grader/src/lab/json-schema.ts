import { RULES } from '../rules/index.js';
import { createJsonSchema } from './load-lab.js';
import { createLabSchema } from './schema.js';

/** The text of docs/lab.schema.json: what may stand in lab.yaml, for editors. */
export function renderLabSchema(): string {
  return `${JSON.stringify({ title: 'lab.yaml of ipclab', ...createJsonSchema(createLabSchema(RULES)) }, null, 2)}\n`;
}
