// Writes docs/kill-matrix.md from what `ipclab lab check` has left in each lab's .staff.
//   node scripts/kill-matrix.mjs
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CERTIFICATE, KILL_MATRIX, killMatrixSchema, listFolders, renderKillMatrices } from 'ipclab';

const labs = fileURLToPath(new URL('../labs', import.meta.url));
const files = listFolders(labs)
  .map((lab) => path.join(labs, lab, '.staff', KILL_MATRIX))
  .filter((file) => existsSync(file));
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const matrices = files.map((file) => ({
  ...killMatrixSchema.parse(read(file)),
  load: read(path.join(path.dirname(file), CERTIFICATE)).load,
}));
writeFileSync(new URL('../docs/kill-matrix.md', import.meta.url), renderKillMatrices(matrices));
