/**
 * What `ipclab run` starts: `node … run-bundle.js BUNDLE MAP ARGS…` becomes the program of the bundle. A bundle is CommonJS and
 * requires @ipclab/native, which is an ES module; so that one is loaded first and handed over.
 */
import { appendFileSync } from 'node:fs';
import Module from 'node:module';
import { pathToFileURL } from 'node:url';
import * as native from '@ipclab/native';

const [node, , bundle, map, ...args] = process.argv as [string, string, string, string];
type Load = (request: string, ...rest: unknown[]) => unknown;
const loader = Module as unknown as { _load: Load; runMain: (file: string) => void };
const load = loader._load;
loader._load = (request, ...rest) => (request === '@ipclab/native' ? native : load(request, ...rest));

// Stack traces name the student's own lines.
appendFileSync(bundle, `\n//# sourceMappingURL=${pathToFileURL(map).href}\n`);
process.argv = [node, bundle, ...args];
Module.createRequire(bundle)(bundle);
