import { z } from 'zod';
import { getRoot, type Message, type Run } from '../model/run.js';

export const doneSchema = z
  .union([
    z.strictObject({
      output: z
        .string()
        .min(1)
        .describe(
          'A line that its receiver prints, with the fields of the message in braces: `consumed {number}` (to a pipe, a C program prints only what it flushes)',
        ),
    }),
    z.strictObject({
      send: z.string().describe('Format of a message that its receiver sends'),
      match: z
        .record(z.string(), z.string())
        .default({})
        .describe('Fields that are equal in both: the message’s name: the other’s name'),
    }),
  ])
  .describe('What shows that a message was worked on; if given, this counts, and not the receive alone');
export type Done = z.infer<typeof doneSchema>;

/** A time at which an item was received, or worked on, as the lab counts. */
export interface Delivery {
  seq: number;
  process: number;
  /** Copy of the item that was received. */
  message: Message;
}

/** Was that receive the last thing that the process did before it was killed? Then it cannot have worked on it. */
export function isCutOff({ trace }: Run, { receiver, receivedAt }: Message): boolean {
  if (receiver === null || trace.processes[receiver]?.exit?.signal === undefined) return false;
  return !trace.events.some(
    ({ process, seq, kind }) => process === receiver && seq > receivedAt! && (kind === 'call' || kind === 'output'),
  );
}

/** When each item was delivered: a line for each. Items are copies of one message. */
export function getDeliveries(run: Run, items: readonly Message[][], done: Done | undefined): Delivery[][] {
  if (done === undefined)
    return items.map((item) =>
      item
        .filter(({ receivedAt }) => receivedAt !== null)
        .map((message) => ({ seq: message.receivedAt!, process: message.receiver!, message }))
        .toSorted((a, b) => a.seq - b.seq),
    );
  const deliveries = items.map((): Delivery[] => []);
  for (const { seq, process, fits } of getMarks(run, done)) {
    const candidates = items.flatMap((item, index) => {
      const message = item.find(
        (copy) =>
          copy.receivedAt !== null &&
          copy.receivedAt < seq &&
          getRoot(run, copy.receiver!) === getRoot(run, process) &&
          fits(copy),
      );
      return message ? [{ message, line: deliveries[index]! }] : [];
    });
    // Items may look the same, as those of two senders: it is one that was not worked on yet, if there is one.
    const chosen = candidates.toSorted((a, b) => a.line.length - b.line.length)[0];
    chosen?.line.push({ seq, process, message: chosen.message });
  }
  return deliveries;
}

interface Mark {
  seq: number;
  process: number;
  fits: (message: Message) => boolean;
}

/** Everything that may show that an item was worked on, in order. */
function getMarks(run: Run, done: Done): Mark[] {
  if ('send' in done)
    return run.messages
      .filter(({ format, sender }) => format === done.send && sender !== null)
      .toSorted((a, b) => a.sentAt! - b.sentAt!)
      .map(({ sentAt, sender, fields }) => ({
        seq: sentAt!,
        process: sender!,
        fits: (message) =>
          Object.entries(done.match).every(
            ([ofMessage, other]) =>
              message.fields[ofMessage] !== undefined && message.fields[ofMessage] === fields[other],
          ),
      }));
  return run.trace.events.flatMap((event): Mark[] => {
    if (event.kind !== 'output') return [];
    return event.text.split(/\r?\n/).map((line) => ({
      seq: event.seq,
      process: event.process,
      fits: ({ fields }) =>
        line === done.output.replaceAll(/\{(\w+)\}/g, (braces, name: string) => String(fields[name] ?? braces)),
    }));
  });
}
