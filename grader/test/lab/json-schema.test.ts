import { readFileSync } from 'node:fs';
import { renderLabSchema } from '../../src/lab/json-schema.js';

describe('docs/lab.schema.json', () => {
  test('is what lab.yaml is checked by; node scripts/lab-schema.mjs writes it', () => {
    const file = new URL('../../../docs/lab.schema.json', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(renderLabSchema());
  });
});
