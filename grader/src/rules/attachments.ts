import type { Run } from '../model/run.js';

/** What a process has to do with one segment. */
interface Attachment {
  /** Times that it is attached now, those that it inherited by fork among them. */
  times: number;
  /** Of these, by calls of its own. */
  own: number;
  /** Its last shmat. */
  seq: number | null;
}

/** Where shared memory is attached, event by event: `advance` to each in turn. */
export class Attachments {
  readonly #run: Run;
  /** By process, then by segment. */
  readonly #byProcess = new Map<number, Map<number, Attachment>>();
  readonly #ever = new Set<number>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Takes note of the next event. Call it with each, in order. */
  advance(event: Run['trace']['events'][number]): void {
    const { process, kind } = event;
    if (kind === 'start') this.#inherit(process);
    if (kind === 'exit') this.#byProcess.delete(process);
    if (kind !== 'call' || event.error !== undefined) return;
    if (event.name === 'execve') this.#byProcess.delete(process);
    if (event.segment === undefined || (event.name !== 'shmat' && event.name !== 'shmdt')) return;
    const segments = this.#byProcess.get(process) ?? new Map<number, Attachment>();
    this.#byProcess.set(process, segments);
    const { times, own, seq } = segments.get(event.segment) ?? { times: 0, own: 0, seq: null };
    const step = event.name === 'shmat' ? 1 : -1;
    if (step > 0) this.#ever.add(process);
    segments.set(event.segment, {
      times: Math.max(0, times + step),
      own: Math.max(0, own + step),
      seq: step > 0 ? event.seq : seq,
    });
  }

  /** Is, or was, a segment attached to it, or to its parent when it was forked? */
  hasEver(process: number): boolean {
    return this.#ever.has(process);
  }

  /** Segments that it has attached itself, and not detached. */
  getOwn(process: number): { segment: number; seq: number }[] {
    return [...(this.#byProcess.get(process) ?? [])].flatMap(([segment, { times, own, seq }]) =>
      Math.min(times, own) > 0 && seq !== null ? [{ segment, seq }] : [],
    );
  }

  #inherit(process: number): void {
    const parent = this.#run.trace.processes[process]?.parent ?? null;
    if (parent === null) return;
    const inherited = [...(this.#byProcess.get(parent) ?? [])].map(
      ([segment, { times }]) => [segment, { times, own: 0, seq: null }] as const,
    );
    this.#byProcess.set(process, new Map(inherited));
    if (this.#ever.has(parent)) this.#ever.add(process);
  }
}
