// Writes docs/lab.schema.json, by which editors complete and check lab.yaml. A test holds it current.
import { mkdirSync, writeFileSync } from 'node:fs';
import { renderLabSchema } from 'ipclab';

const file = new URL('../docs/lab.schema.json', import.meta.url);
mkdirSync(new URL('.', file), { recursive: true });
writeFileSync(file, renderLabSchema());
