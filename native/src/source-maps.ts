import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

type Positioned = NodeJS.CallSite & { toString(): string };

/**
 * Makes stack traces name the student's own file, line and column instead of the bundle's. A map (`BUNDLE.map`) is read when the
 * first stack is looked at; programs that throw nothing pay nothing.
 */
export function installSourceMaps(bundles: readonly string[]): void {
  const maps = new Map<string, SourceMap | undefined>();
  const find = (bundle: string): SourceMap | undefined => {
    if (!maps.has(bundle)) {
      try {
        const map: unknown = JSON.parse(readFileSync(`${bundle}.map`, 'utf8'));
        maps.set(bundle, new SourceMap(map as ConstructorParameters<typeof SourceMap>[0]));
      } catch {
        maps.set(bundle, undefined);
      }
    }
    return maps.get(bundle);
  };
  Error.prepareStackTrace = (error: Error, sites: NodeJS.CallSite[]) => {
    const lines = (sites as Positioned[]).map((site) => {
      const file = site.getFileName();
      const text = site.toString();
      if (!file || !bundles.includes(file)) return `    at ${text}`;
      const entry = find(file)?.findEntry((site.getLineNumber() ?? 1) - 1, (site.getColumnNumber() ?? 1) - 1);
      if (!entry || !('originalSource' in entry)) return `    at ${text}`;
      const place = `${entry.originalSource.replace(/^.*?\/(?=src\/)/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
      return `    at ${text.replace(`${file}:${site.getLineNumber()}:${site.getColumnNumber()}`, place)}`;
    });
    return [`${error.name}: ${error.message}`, ...lines].join('\n');
  };
}
