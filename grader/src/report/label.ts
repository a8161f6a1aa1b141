import type { CallEvent, ProcessExit, TraceEvent, Wait } from '@ipclab/native/supervisor';
import { getName, type Message, type Run } from '../model/run.js';
import { quoteText } from '../model/text.js';
import { nameQueue } from '../rules/words.js';
import { ERROR_LINE, renderCall } from './event.js';

const LONGEST = 24; // letters of a text
const FIELDS = 4; // shown of a message

/** How a diagram names what happened: shorter than a line of its own would. */
export interface LabelOptions {
  /** Are there several queues, so that a call must say which? */
  namesQueues: boolean;
}

export const nameLetter = (queue: number): string => nameQueue(queue).replace('queue ', '');

/** Bytes that a lab says nothing about: as text, if they are. */
function renderBytes({ data, sizeBytes }: Message): string {
  const text = atob(data).replace(/\0[^]*$/, '');
  if (/^[\x20-\x7E\n\t]+$/.test(text)) return quoteText(text, LONGEST);
  return sizeBytes === 0 ? '' : `(${sizeBytes} bytes)`;
}

/** Without the names of its fields: `{20001, 0, "hello"}`; a single one without braces. */
function renderContent(message: Message): string {
  const values = Object.values(message.fields);
  if (values.length === 0) return renderBytes(message);
  const shown = values
    .slice(0, FIELDS)
    .map((value) => (typeof value === 'string' ? quoteText(value, LONGEST) : String(value)));
  if (values.length > FIELDS) shown.push('…');
  return shown.length === 1 ? shown[0]! : `{${shown.join(', ')}}`;
}

const join = (...parts: (string | number | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(' ');

const renderMessage = (run: Run, index: number | undefined): string | undefined => {
  const message = index === undefined ? undefined : run.messages[index];
  return message && join(message.mtype, renderContent(message));
};

/** What a receive asks for: `any`, `5`, `≤2`. */
const renderSelection = (msgtyp: number | undefined): string =>
  msgtyp === undefined ? '?' : msgtyp === 0 ? 'any' : msgtyp > 0 ? String(msgtyp) : `≤${-msgtyp}`;

type Asked = Pick<CallEvent, 'args' | 'queue' | 'message'> & { name: CallEvent['name'] | 'unknown' };

function renderAsked(run: Run, call: Asked, { namesQueues }: LabelOptions): string {
  const { name, args, queue } = call;
  const letter = !namesQueues ? undefined : queue === undefined || queue < 0 ? '?' : nameLetter(queue);
  switch (name) {
    case 'msgget':
      return name;
    case 'msgsnd':
      return join(name, letter, renderMessage(run, call.message) ?? args.mtype);
    case 'msgrcv': {
      const flags = (args.flags ?? []).filter((flag) => flag !== 'MSG_NOERROR');
      return join(name, letter, renderSelection(args.msgtyp), flags.join('|'));
    }
    case 'msgctl':
      return join(letter === undefined ? name : `${name} ${letter}`, args.cmd);
    case 'unknown':
      return 'a call that is not watched';
    default:
      return renderCall(run, { ...call, name }).replace(/\((.*)\)$/, (_, inner: string) => (inner ? ` ${inner}` : ''));
  }
}

function renderResult(run: Run, call: CallEvent): string | undefined {
  if (call.error !== undefined) return `${call.error}${call.forced ? ' (forced)' : ''}`;
  switch (call.name) {
    case 'msgget':
      return call.queue === undefined ? undefined : nameQueue(call.queue);
    case 'msgrcv':
      return renderMessage(run, call.message) ?? `${call.result} bytes`;
    case 'shmget':
    case 'semget':
      return `id ${call.result}`;
    case 'wait':
      if (call.target !== undefined && call.args.status)
        return `${getName(run, call.target)}, ${renderExit(call.args.status)}`;
      return call.target === undefined ? String(call.result) : getName(run, call.target);
    case 'fork':
      return call.target === undefined ? String(call.result) : getName(run, call.target);
    default:
      return undefined;
  }
}

const renderExit = (exit: ProcessExit): string =>
  exit.signal === undefined ? `exit ${exit.code}` : `killed by ${exit.signal}`;

const ACTIONS = { handler: '', ignored: ', ignored', killed: ', killed', stopped: ', stopped', continued: '' } as const;

/** A call that never returned: `msgrcv 42 … for ever`. */
export function renderWaitLabel(run: Run, wait: Wait, options: LabelOptions): string {
  if (wait.kind === 'event-loop') return 'waits in its event loop, for ever';
  if (wait.kind === 'stopped') return 'is stopped, for ever';
  const { name, args, queue } = wait;
  return `${renderAsked(run, { name, args, ...(queue === undefined ? {} : { queue }) }, options)} waits for ever`;
}

/** An event in a few words, without the name of its process. */
export function renderLabel(run: Run, event: TraceEvent, options: LabelOptions): string {
  switch (event.kind) {
    case 'start':
      return 'starts';
    case 'call': {
      const result = renderResult(run, event);
      // Whom it waited for is whom it found.
      if (event.name === 'wait' && event.target !== undefined) return `wait = ${result}`;
      return `${renderAsked(run, event, options)}${result === undefined ? '' : ` = ${result}`}`;
    }
    case 'signal': {
      const { signal, placement, call, action } = event;
      const where = placement === undefined ? '' : ` ${placement === 'blocked' ? 'asleep in' : placement} call ${call}`;
      return `⚡ ${signal}${where}${ACTIONS[action]}`;
    }
    case 'output': {
      const error = event.stream === 'stderr' ? ERROR_LINE.exec(event.text)?.[0] : undefined;
      return `${event.stream === 'stderr' ? 'stderr' : 'prints'} ${quoteText(error ?? event.text)}`;
    }
    case 'exit':
      return renderExit(event.exit);
    case 'orphan':
      return 'is an orphan now';
    case 'removal':
      return `a stranger removes ${nameQueue(event.queue)}`;
  }
}
