import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** Where in the submission that is, `src/server.ts:42:7`; undefined if not in it. */
export type FindPlace = (site: NodeJS.CallSite) => string | undefined;

type Positioned = NodeJS.CallSite & { toString(): string };

/**
 * Makes stack traces name the student's own file, line and column instead of the bundle's. A map (`BUNDLE.map`) is read when the
 * first stack is looked at; programs that throw nothing pay nothing.
 */
export function installSourceMaps(bundles: readonly string[]): FindPlace {
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
  const findPlace: FindPlace = (site) => {
    const file = site.getFileName();
    if (!file || !bundles.includes(file)) return undefined;
    const entry = find(file)?.findEntry((site.getLineNumber() ?? 1) - 1, (site.getColumnNumber() ?? 1) - 1);
    if (!entry || !('originalSource' in entry)) return undefined;
    return `${entry.originalSource.replace(/^.*?\/(?=src\/)/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  };
  Error.prepareStackTrace = (error: Error, sites: NodeJS.CallSite[]) => {
    const lines = (sites as Positioned[]).map((site) => {
      const text = site.toString();
      const place = findPlace(site);
      return `    at ${place === undefined ? text : text.replace(`${site.getFileName()}:${site.getLineNumber()}:${site.getColumnNumber()}`, place)}`;
    });
    return [`${error.name}: ${error.message}`, ...lines].join('\n');
  };
  return findPlace;
}
