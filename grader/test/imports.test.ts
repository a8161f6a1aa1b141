import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Who may import whom. Imports go one way, native ← harness ← grader; what is pure stays pure; what may do harm is done in one
 * place. A row that must be relaxed is relaxed here, where a reviewer sees it.
 */
const PACKAGES: Record<string, { name: string; mayImport: string[] }> = {
  native: { name: '@ipclab/native', mayImport: [] },
  harness: { name: '@ipclab/harness', mayImport: ['@ipclab/native'] },
  grader: { name: 'ipclab', mayImport: ['@ipclab/native', '@ipclab/harness'] },
};

/** Functions from values to values: nothing of this machine, of the time of day or of chance. */
const PURE = ['grader/src/model', 'grader/src/rules', 'grader/src/score', 'grader/src/report'];
const IMPURE_GLOBALS =
  /\b(?:console\.\w|Math\.random|Date\.now|new Date\(\)|performance\.\w|setTimeout|setInterval|fetch\()/;

/** What only these files may do. */
const PLACES: { what: string; pattern: RegExp; allowed: RegExp }[] = [
  { what: 'import execa', pattern: /(?:from |import\()'execa'/, allowed: /^harness\/src\/run\/spawn\.ts$/ },
  {
    what: 'import child_process',
    pattern: /from '(?:node:)?child_process'/,
    // They give the terminal to the student's own program, and start nothing else; handout-shell.ts is in namespaces of its own.
    allowed: /^grader\/src\/(?:commands\/(?:run|start|test)|lab-check\/handout-shell)\.ts$/,
  },
  { what: 'load addon.node', pattern: /'[^']*addon\.node'/, allowed: /^native\/src\/load-addon\.ts$/ },
  { what: 'load supervisor.node', pattern: /'[^']*supervisor\.node'/, allowed: /^native\/src\/load-supervisor\.ts$/ },
  {
    what: 'read the command line, write to the terminal, or choose an exit code',
    pattern: /\bprocess\.(?:argv|exit\(|exitCode|stdin|stdout|stderr)|\bconsole\.\w/,
    // The engine, the zygote (with its warm-up) and the shell of handouts are programs too; processes.ts is the students'
    // `_exit` and `fork`.
    allowed:
      /^grader\/src\/(?:cli|commands\/.*|lab-check\/handout-shell)\.ts$|^grader\/src\/jest\/|^native\/src\/(?:engine|zygote|warm-up|processes)\.ts$/,
  },
];

const ROOT = path.resolve(import.meta.dirname, '../..');

interface Source {
  file: string;
  text: string;
  imports: { specifier: string; isType: boolean }[];
}

const readSource = (file: string): Source => {
  const text = readFileSync(path.join(ROOT, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s)?(?:[^;'"]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return {
    file,
    text,
    imports: [...statements].map(([, type, name, dynamic]) => ({
      specifier: (name ?? dynamic)!,
      isType: type !== undefined,
    })),
  };
};

const sources = Object.keys(PACKAGES).flatMap((folder) =>
  (readdirSync(path.join(ROOT, folder, 'src'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readSource(path.posix.join(folder, 'src', name))),
);
const isPure = (file: string): boolean => PURE.some((folder) => file.startsWith(`${folder}/`));
const packageOf = (file: string): string => file.split('/')[0]!;

test('the sources are found, and their imports', () => {
  expect(sources.length).toBeGreaterThan(60);
  const spawn = sources.find(({ file }) => file === 'harness/src/run/spawn.ts');
  expect(spawn?.imports).toEqual([
    { specifier: 'execa', isType: true },
    { specifier: 'execa', isType: false },
  ]);
});

test('packages import one way: native, harness, grader', () => {
  const ours = Object.values(PACKAGES).map(({ name }) => name);
  const wrong = sources.flatMap(({ file, imports }) =>
    imports
      .filter(({ specifier }) => ours.some((name) => specifier === name || specifier.startsWith(`${name}/`)))
      .filter(
        ({ specifier }) =>
          !PACKAGES[packageOf(file)]!.mayImport.some((name) => specifier === name || specifier.startsWith(`${name}/`)),
      )
      .map(({ specifier }) => `${file} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

test('no file reaches into another package by path', () => {
  const wrong = sources.flatMap(({ file, imports }) =>
    imports
      .filter(
        ({ specifier }) =>
          specifier.startsWith('.') &&
          !path.posix.join(path.posix.dirname(file), specifier).startsWith(`${packageOf(file)}/src/`),
      )
      .map(({ specifier }) => `${file} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

/** A pure file, and all whose values it imports, and theirs. */
function reach(file: string, reached = new Set<string>()): Set<string> {
  if (reached.has(file)) return reached;
  reached.add(file);
  for (const { specifier, isType } of sources.find((source) => source.file === file)?.imports ?? []) {
    if (isType || !specifier.startsWith('.')) continue;
    reach(path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts'), reached);
  }
  return reached;
}
const reachable = new Set(sources.filter(({ file }) => isPure(file)).flatMap(({ file }) => [...reach(file)]));
const pure = sources.filter(({ file }) => reachable.has(file));

test('pure folders, and what they import, import no module but zod', () => {
  const wrong = pure.flatMap(({ file, imports }) =>
    imports
      .filter(({ specifier, isType }) => !isType && specifier !== 'zod' && !specifier.startsWith('.'))
      .map(({ specifier }) => `${file} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

test('pure folders, and what they import, use no clock, no chance and no console', () => {
  expect(pure.filter(({ text }) => IMPURE_GLOBALS.test(text)).map(({ file }) => file)).toEqual([]);
});

test.each(PLACES)('only the files that may do so $what', ({ pattern, allowed }) => {
  const doing = sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
  expect(doing.filter((file) => !allowed.test(file))).toEqual([]);
});

test('index.ts files only re-export', () => {
  const wrong = sources
    .filter(({ file }) => /^\w+\/src\/index\.ts$/.test(file))
    .flatMap(({ file, text }) =>
      text
        .replaceAll(/^export (?:type )?(?:\*(?: as \w+)?|\{[^}]*\}) from '[^']+';$/gm, '')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => `${file}: ${line}`),
    );
  expect(wrong).toEqual([]);
});
