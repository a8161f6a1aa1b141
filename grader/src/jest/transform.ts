import { createHash } from 'node:crypto';
import { transformSync, version } from 'esbuild';

/** What jest says of how the result will be loaded. */
interface Options {
  supportsStaticESM: boolean;
}

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
      // CommonJS has no import.meta.
      ...(supportsStaticESM
        ? {}
        : {
            define: {
              'import.meta.url': '__filename',
              'import.meta.filename': '__filename',
              'import.meta.dirname': '__dirname',
            },
          }),
    });
    return { code, map };
  },
};
