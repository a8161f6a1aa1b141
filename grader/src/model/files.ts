import type { CallEvent } from '@ipclab/native/supervisor';
import { getCalls, type Run } from './run.js';

/** The files of the run's folder at one moment; a file is known by its place in `Trace.files`. */
export interface FileState {
  /** Name → file. */
  readonly paths: ReadonlyMap<string, number>;
  /** What it holds, a letter a byte; null if that is not known. Kept when its last name is gone. */
  getContent(file: number): string | null;
}

/** A call on files that did what it was asked to, and what was so just before and after it. */
export interface FileStep {
  event: CallEvent;
  /** File that the event is about. */
  file: number;
  /** Names that came to be by it. */
  given: readonly string[];
  /** Names that it took away; with `given` of the same name, another file has it now. */
  taken: readonly string[];
  /** Does it change what is in the file? */
  isWrite: boolean;
  before: FileState;
  after: FileState;
}

/** `import/a.json` is in `import`, called `a.json`. */
export const splitPath = (path: string): { folder: string; name: string } => {
  const at = path.lastIndexOf('/');
  return at < 0 ? { folder: '.', name: path } : { folder: path.slice(0, at), name: path.slice(at + 1) };
};

export const decodeBytes = (letters: string): string =>
  new TextDecoder().decode(Uint8Array.from(letters, (letter) => letter.codePointAt(0)!));

/** A trace holds so much of a file, and leaves out the rest. */
const LONGEST = 1 << 16;

/** What a file held at the start or the end, a letter a byte; null if the trace does not hold all of it. */
export function decodeContent(data: string | undefined): string | null {
  const content = data === undefined ? null : atob(data);
  return content !== null && content.length < LONGEST ? content : null;
}

const isInside = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** What a write leaves of a file; null if the trace does not hold all of it. */
function getWritten(content: string | null, { args, result }: CallEvent): string | null {
  if (content === null || args.data === undefined || args.offset === undefined) return null;
  const data = atob(args.data);
  if (data.length !== result) return null;
  return content.slice(0, args.offset).padEnd(args.offset, '\0') + data + content.slice(args.offset + data.length);
}

function getResized(content: string | null, size: number | undefined): string | null {
  return content === null || size === undefined ? null : content.slice(0, size).padEnd(size, '\0');
}

/** Names that a call gives and takes. */
function getRenamed(
  { name, args, replaced, file }: CallEvent,
  paths: ReadonlyMap<string, number>,
): Pick<FileStep, 'given' | 'taken'> {
  const { path, to } = args as { path: string; to: string };
  switch (name) {
    case 'rename': {
      if (path === to || (paths.get(to) === file && file !== undefined)) return { given: [], taken: [] };
      // A folder takes along all that is in it.
      const along = [...paths.keys()].filter((each) => isInside(each, path));
      return {
        given: [to, ...along.map((each) => to + each.slice(path.length))],
        taken: [path, ...along, ...(replaced === undefined ? [] : [to])],
      };
    }
    case 'link':
      return { given: [to], taken: [] };
    case 'unlink':
    case 'rmdir':
      return { given: [], taken: [path] };
    default:
      return { given: paths.has(path) ? [] : [path], taken: [] };
  }
}

const NAMING = new Set(['rename', 'link', 'symlink', 'unlink', 'rmdir', 'mkdir']);

/** Before any call. */
export function getFilesAtStart(run: Run): FileState {
  const { paths, contents } = readStart(run);
  return { paths, getContent: (file) => contents.get(file) ?? null };
}

function readStart(run: Run): { paths: Map<string, number>; contents: Map<number, string | null> } {
  const paths = new Map<string, number>();
  const contents = new Map<number, string | null>();
  for (const [file, { path, creator, kind, before }] of (run.trace.files ?? []).entries()) {
    if (kind !== 'file') contents.set(file, null);
    else contents.set(file, creator === null ? decodeContent(before) : '');
    if (creator === null && path !== '.') paths.set(path, file);
  }
  return { paths, contents };
}

/** The calls that changed or read files, in order. */
export function* replayFiles(run: Run): Generator<FileStep> {
  const records = run.trace.files ?? [];
  const { paths, contents } = readStart(run);
  const look = (): FileState => {
    const then = new Map(contents);
    return { paths: new Map(paths), getContent: (file) => then.get(file) ?? null };
  };

  let before = look();
  for (const event of getCalls(run)) {
    const { name, args, file, error, result, seq } = event;
    if (file === undefined || args.path === undefined || error !== undefined) continue;
    const isMade = name === 'open' && records[file]?.createdAt === seq;
    const isCut = name === 'open' && args.flags?.includes('O_TRUNC') === true;
    const isWrite = (name === 'write' && result > 0) || name === 'truncate' || isCut;
    const { given, taken } = isMade
      ? { given: [args.path], taken: [] }
      : NAMING.has(name)
        ? getRenamed(event, paths)
        : { given: [], taken: [] };
    const moved = given.map((path, at) => [path, name === 'rename' ? paths.get(taken[at]!) : file] as const);
    for (const path of taken) paths.delete(path);
    for (const [path, each] of moved) paths.set(path, each ?? file);
    const content = before.getContent(file);
    if (isCut) contents.set(file, '');
    else if (name === 'write') contents.set(file, getWritten(content, event));
    else if (name === 'truncate') contents.set(file, getResized(content, args.sizeBytes));
    const after = look();
    yield { event, file, given, taken, isWrite, before, after };
    before = after;
  }
}
