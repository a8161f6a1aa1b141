// Writes docs/rules.md, the reference of all rules, from the rules themselves. A test holds it current.
import { writeFileSync } from 'node:fs';
import { RULES, renderRulesReference } from 'ipclab';

writeFileSync(new URL('../docs/rules.md', import.meta.url), renderRulesReference(RULES));
