import { z } from 'zod';
import { leastBytesOfFields, sizeOfFields } from '../model/layout.js';
import { getName, getRole, type Message, type Run } from '../model/run.js';
import { hasSent } from './tested.js';
import { defineRule, type Found } from './rule.js';
import { nameQueue, takeEvents } from './words.js';

const parameters = z.strictObject({
  formats: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Which formats; all of the lab if not said. With all, a message of another type is told, too'),
  from: z.string().optional().describe('Role of those whose messages are checked; everybody if not said'),
  shorter: z
    .boolean()
    .default(true)
    .describe('May a text at the end of the struct be sent without the bytes that it does not use?'),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'too-long': 'A message has more bytes than its struct',
  'too-short': 'A message has fewer bytes than its struct',
  cut: 'A message was received without its end, which is lost',
  'no-format': 'A message has a type that the lab does not know',
};
type Code = keyof typeof codes;

const MTYPE_BYTES = 8; // of C's long

/** Nobody but the lab knows what a message of its own, or a decoy, should look like. */
const isOfStudent = ({ sender }: Message): boolean => sender !== null;

function findWrongSize(run: Run, message: Message, { shorter }: Parameters): Omit<Found<Code>, 'events'> | undefined {
  const { format, sizeBytes, mtype, sender, queue } = message;
  const who = getName(run, sender!);
  const what = `${format ?? 'message'} of type ${mtype}`;
  const sent = `${who} sent a ${what} with ${sizeBytes} bytes to ${nameQueue(queue)}`;
  const processes = [sender!];
  if (format === null) {
    const known = Object.keys(run.formats).join(', ');
    return {
      code: 'no-format',
      message: `${who} sent a ${what} to ${nameQueue(queue)}.`,
      expected: `a message with a type of ${known}`,
      actual: `type ${mtype}`,
      processes,
    };
  }
  const { fields } = run.formats[format]!;
  const most = sizeOfFields(fields);
  const least = shorter ? leastBytesOfFields(fields) : most;
  if (sizeBytes >= least && sizeBytes <= most) return undefined;
  const isTypeCounted = sizeBytes === most + MTYPE_BYTES;
  return {
    code: sizeBytes > most ? 'too-long' : 'too-short',
    message: isTypeCounted ? `${sent}: the ${MTYPE_BYTES} bytes of the mtype are counted, too.` : `${sent}.`,
    expected: least === most ? `${most} bytes` : `${least} to ${most} bytes`,
    actual: `${sizeBytes} bytes`,
    processes,
  };
}

function findCut(run: Run, message: Message): Found<Code> | undefined {
  const { receivedAt, sentAt, sizeBytes, format, mtype } = message;
  const event = run.trace.events[receivedAt ?? -1];
  if (event?.kind !== 'call' || event.result >= sizeBytes) return undefined;
  return {
    code: 'cut',
    message: `${getName(run, event.process)} received ${event.result} of the ${sizeBytes} bytes of a ${format ?? 'message'} of type ${mtype}.`,
    events: takeEvents(sentAt, event.seq),
    expected: `room for ${sizeBytes} bytes`,
    actual: `room for ${event.result}, and MSG_NOERROR`,
    processes: [event.process],
  };
}

/** Messages are the structs that the lab agreed on, whole. */
export const messageFormat = defineRule<Parameters, Code>({
  name: 'message-format',
  summary: 'Each message has the size of its struct, and is received whole',
  why: 'msgsz is the size of the message without its mtype. With a larger one msgsnd reads, and msgrcv writes, beyond the struct.',
  source: 'msgop(2), Lecture 6: struct msgbuf',
  tested: {
    by: 'a message that is sent',
    isIn: (run) => hasSent(run),
  },
  codes,
  reasons: {
    cut: {
      why: 'With MSG_NOERROR a message that is longer than the room for it loses its end, and nobody is told.',
      source: 'msgrcv(2)',
    },
    'no-format': {
      why: 'The type is what the receivers choose by: nobody asks for one that was not agreed on.',
      source: 'msgop(2), Lecture 6: mtype',
    },
  },
  hints: [
    'How many bytes does each side believe a message to have?',
    'Look at the size that is given to msgsnd and msgrcv: which part of the struct must it not count?',
    'Give both calls the size of the struct that follows the mtype, and nothing more: in C, sizeof of that member.',
  ],
  parameters,
  check(run, wanted) {
    const told = new Set<string>();
    const isConcerned = (message: Message): boolean =>
      isOfStudent(message) &&
      (wanted.from === undefined || getRole(run, message.sender!) === wanted.from) &&
      (wanted.formats === undefined || (message.format !== null && wanted.formats.includes(message.format)));
    return run.messages.filter(isConcerned).flatMap((message): Found<Code>[] => {
      const wrong = findWrongSize(run, message, wanted);
      const found = wrong ? { ...wrong, events: takeEvents(message.sentAt) } : findCut(run, message);
      if (!found) return [];
      // A program that does it once does it always.
      const key = `${found.code} ${message.format} ${getRole(run, found.processes[0]!)}`;
      if (told.has(key)) return [];
      told.add(key);
      return [found];
    });
  },
});
