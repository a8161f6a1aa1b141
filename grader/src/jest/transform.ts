import { createHash } from 'node:crypto';
import { transformSync, version } from 'esbuild';

/** What jest says of how the result will be loaded. */
interface Options {
  supportsStaticESM: boolean;
}

/** CommonJS has no import.meta. The banner is one line, which the source map takes into account. */
const COMMONJS = {
  banner: 'const __importMetaUrl = require("node:url").pathToFileURL(__filename).href;',
  define: {
    'import.meta.url': '__importMetaUrl',
    'import.meta.filename': '__filename',
    'import.meta.dirname': '__dirname',
  },
};

/** Jest transform: TypeScript to ES modules where jest can load them, else to CommonJS. Types are checked elsewhere. */
export default {
  getCacheKey: (source: string, file: string, { supportsStaticESM }: Options): string =>
    createHash('sha256')
      .update(JSON.stringify([version, supportsStaticESM, file, source]))
      .digest('hex'),
  process(source: string, file: string, { supportsStaticESM }: Options): { code: string; map: string } {
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: supportsStaticESM ? 'esm' : 'cjs',
      target: 'node20',
      sourcemap: 'both',
      sourcefile: file,
      ...(supportsStaticESM ? {} : COMMONJS),
    });
    return { code, map };
  },
};
