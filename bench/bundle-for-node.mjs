// Programs as plain node runs them: one ES module each, with the addon where it is.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** `entries`: role → absolute path of its TypeScript; makes `<role>.mjs` in `outdir`. */
export async function bundleForNode(entries, outdir) {
  const native = fileURLToPath(import.meta.resolve('@ipclab/native'));
  await build({
    entryPoints: entries,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outdir,
    outExtension: { '.js': '.mjs' },
    alias: { '@ipclab/native': native },
    external: [native],
    logLevel: 'error',
  });
}
