/** fork() needs a process of one thread (node-fork notes). */
export const NODE_FLAGS = ['--single-threaded', '--v8-pool-size=0', '--enable-source-maps'];

/** Makes one ES module of a program. What is wrong with its text goes to the terminal; types are not checked. */
export async function bundleProgram(file: string, outfile: string): Promise<boolean> {
  const esbuild = await import('esbuild');
  const { errors } = await esbuild
    .build({
      entryPoints: [file],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      // Modules that are CommonJS ask for Node's own by this.
      banner: {
        js: 'import { createRequire as __create } from "node:module"; const require = __create(import.meta.url);',
      },
      plugins: [
        {
          name: 'native',
          setup: (build) =>
            build.onResolve({ filter: /^@ipclab\/native$/ }, () => ({
              path: import.meta.resolve('@ipclab/native'),
              external: true,
            })),
        },
      ],
    })
    .catch((error: { errors?: unknown[] }) => ({ errors: error.errors ?? [error] }));
  return errors.length === 0;
}
