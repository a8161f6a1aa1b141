import { RULES } from '../rules/index.js';
import { createJsonSchema } from './load-lab.js';
import { createLabSchema } from './schema.js';

interface Branches {
  properties: { rules: { items: { oneOf: { properties: Record<string, object>; description?: string }[] } } };
}

/** The text of docs/lab.schema.json: what may stand in lab.yaml, for editors. */
export function renderLabSchema(): string {
  const schema = createJsonSchema(createLabSchema(RULES)) as Branches;
  const { oneOf } = schema.properties.rules.items;
  // What a lab's own rules take is known to ipclab alone, when it has loaded them.
  const { rule: _rule, with: _with, ...line } = oneOf[0]!.properties;
  const rule = { type: 'string', not: { enum: RULES.map(({ name }) => name) }, description: 'A rule of the lab’s own' };
  oneOf.push({ ...oneOf[0]!, properties: { ...line, rule, with: { type: 'object' } }, description: rule.description });
  return `${JSON.stringify({ title: 'lab.yaml of ipclab', ...schema }, null, 2)}\n`;
}
