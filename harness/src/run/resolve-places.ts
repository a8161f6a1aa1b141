import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Trace } from '@ipclab/native/supervisor';
import type { Build } from '../build/build.js';
import { runConfined } from './run-confined.js';

const TIMEOUT_MS = 10_000;
/** As the supervisor writes a place in a program's file (native/supervisor/places.h). */
const IN_FILE = /^@([0-9a-f]+)$/;

/**
 * Turns places in the files of executables into lines of their sources, by addr2line(1) of binutils. A place that it does not know is left
 * out: without binutils, or if the program was compiled without -g. Changes the trace.
 */
export async function resolvePlaces(
  trace: Trace,
  { programs, readable }: Pick<Build, 'programs' | 'readable'>,
): Promise<void> {
  const places = [...trace.events.filter((event) => event.kind === 'call'), ...trace.end.waits].flatMap((holder) => {
    const offset = IN_FILE.exec(holder.place ?? '')?.[1];
    return offset === undefined ? [] : [{ holder, offset, file: findFile(trace, programs, holder.process) }];
  });
  for (const file of new Set(places.map((place) => place.file))) {
    const mine = places.filter((place) => place.file === file);
    const known =
      file === undefined
        ? new Map<string, string>()
        : await findLines(
            file,
            mine.map(({ offset }) => offset),
            readable,
          );
    for (const { holder, offset } of mine) {
      const line = known.get(offset);
      if (line === undefined) delete holder.place;
      else holder.place = line;
    }
  }
}

function findFile({ processes }: Trace, programs: Build['programs'], process: number): string | undefined {
  const program = programs[processes[process]?.role ?? ''];
  return program?.kind === 'executable' ? program.path : undefined;
}

/** `server.c:42`, relative to the submission, by the place in the file. */
async function findLines(
  file: string,
  offsets: readonly string[],
  readable: readonly string[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(offsets)];
  const segments = await readSegments(file).catch(() => []);
  const addresses = wanted.map((offset) => toAddress(segments, Number.parseInt(offset, 16)).toString(16));
  const root = readable.find((folder) => file.startsWith(`${folder}/`)) ?? path.dirname(file);
  const { stdout } = await runConfined(['addr2line', '-e', file, ...addresses], { cwd: root, timeoutMs: TIMEOUT_MS });
  const lines = stdout.split('\n');
  return new Map(
    wanted.flatMap((offset, index): [string, string][] => {
      const [, name, line] = /^([^?].*):(\d+)(?: .*)?$/.exec(lines[index] ?? '') ?? [];
      if (name === undefined || line === '0') return [];
      const relative = path.relative(root, path.resolve(root, name));
      return relative.startsWith('..') ? [] : [[offset, `${relative}:${line}`]];
    }),
  );
}

interface Segment {
  offset: number;
  address: number;
  sizeBytes: number;
}

const LOADED = 1; // PT_LOAD

/** Which parts of an ELF file go where (elf(5), 64 bits, little-endian). */
async function readSegments(file: string): Promise<Segment[]> {
  const handle = await open(file);
  try {
    const header = Buffer.alloc(64);
    await handle.read(header, 0, header.length, 0);
    const [start, size, count] = [Number(header.readBigUInt64LE(32)), header.readUInt16LE(54), header.readUInt16LE(56)];
    const table = Buffer.alloc(size * count);
    await handle.read(table, 0, table.length, start);
    return Array.from({ length: count }, (_, index) => table.subarray(index * size)).flatMap((entry) =>
      entry.readUInt32LE(0) === LOADED
        ? [
            {
              offset: Number(entry.readBigUInt64LE(8)),
              address: Number(entry.readBigUInt64LE(16)),
              sizeBytes: Number(entry.readBigUInt64LE(32)),
            },
          ]
        : [],
    );
  } finally {
    await handle.close();
  }
}

function toAddress(segments: readonly Segment[], offset: number): number {
  const segment = segments.find((each) => offset >= each.offset && offset < each.offset + each.sizeBytes);
  return segment ? offset - segment.offset + segment.address : offset;
}
