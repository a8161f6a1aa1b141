import type { CallName, FileRecord } from '@ipclab/native/supervisor';
import { TraceBuilder } from './trace-builder.js';

/** Builds traces of processes that work on files, a line a call; follows names and contents as the kernel would. */
export class FileBuilder extends TraceBuilder {
  readonly #paths = new Map<string, number>();
  readonly #contents = new Map<number, string>();

  get #files(): FileRecord[] {
    return (this.trace.files ??= []);
  }

  /** A file that is there at the start. */
  found(path: string, content = ''): void {
    this.#add(path, content, null, null);
    this.#files.at(-1)!.before = btoa(content);
  }

  /** Makes a file and writes it, a call each part; answers the event of the first call. */
  write(process: number, path: string, ...parts: string[]): number {
    const seq = this.open(process, path, 'O_WRONLY', 'O_CREAT', 'O_TRUNC');
    for (const part of parts) this.append(process, path, part);
    return seq;
  }

  open(process: number, path: string, ...flags: string[]): number {
    const seq = this.trace.events.length;
    const file = this.#paths.get(path) ?? this.#add(path, '', process, seq);
    if (flags.includes('O_TRUNC')) this.#contents.set(file, '');
    return this.call(process, 'open', { path, flags }, { file, result: 9 });
  }

  append(process: number, path: string, text: string): number {
    const file = this.#paths.get(path)!;
    const offset = this.#contents.get(file)!.length;
    this.#contents.set(file, this.#contents.get(file)! + text);
    const args = { path, fd: 9, offset, data: btoa(text) };
    return this.call(process, 'write', args, { file, result: text.length });
  }

  read(process: number, path: string): number {
    const file = this.#paths.get(path)!;
    const text = this.#contents.get(file)!;
    const args = { path, fd: 9, offset: 0, data: btoa(text) };
    return this.call(process, 'read', args, { file, result: text.length });
  }

  truncate(process: number, path: string, sizeBytes: number): number {
    const file = this.#paths.get(path)!;
    this.#contents.set(file, this.#contents.get(file)!.slice(0, sizeBytes));
    return this.call(process, 'truncate', { path, fd: 9, sizeBytes }, { file });
  }

  rename(process: number, path: string, to: string): number {
    const file = this.#paths.get(path)!;
    const replaced = this.#paths.get(to);
    const known = [...this.#paths];
    for (const [each, inside] of known)
      if (each === path || each.startsWith(`${path}/`)) {
        this.#paths.delete(each);
        this.#paths.set(to + each.slice(path.length), inside);
      }
    return this.call(process, 'rename', { path, to }, { file, ...(replaced === undefined ? {} : { replaced }) });
  }

  link(process: number, path: string, to: string): number {
    const file = this.#paths.get(path)!;
    this.#paths.set(to, file);
    return this.call(process, 'link', { path, to }, { file });
  }

  unlink(process: number, path: string, name: CallName = 'unlink'): number {
    const file = this.#paths.get(path)!;
    this.#paths.delete(path);
    return this.call(process, name, { path }, { file });
  }

  override run(): ReturnType<TraceBuilder['run']> {
    for (const [file, record] of this.#files.entries()) {
      const left = [...this.#paths].find(([, each]) => each === file)?.[0];
      record.left = left ?? null;
      if (left !== undefined) record.after = btoa(this.#contents.get(file)!);
    }
    return super.run();
  }

  #add(path: string, content: string, creator: number | null, createdAt: number | null): number {
    this.#files.push({ kind: 'file', path, creator, createdAt, left: null });
    const file = this.#files.length - 1;
    this.#paths.set(path, file);
    this.#contents.set(file, content);
    return file;
  }
}
