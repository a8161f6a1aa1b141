// Jest transform: TypeScript to ES modules, with source maps. Types are checked by `tsc -b`, not here.
import { createHash } from 'node:crypto';
import { transformSync, version } from 'esbuild';

export default {
  getCacheKey: (source, file) => createHash('sha1').update(`${version}\0${file}\0${source}`).digest('hex'),
  process(source, file) {
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcemap: 'both',
      sourcefile: file,
    });
    return { code, map };
  },
};
