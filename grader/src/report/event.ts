import type { CallEvent, TraceEvent, Wait } from '@ipclab/native/supervisor';
import { getName, type Run } from '../model/run.js';
import { nameByPid, nameExit, nameMessage, nameQueue } from '../rules/words.js';
import { quoteText, showText } from '../model/text.js';

const octal = (mode: number | undefined): string => (mode === undefined || mode === 0 ? '0' : `0${mode.toString(8)}`);
const key = (value: number | undefined): string =>
  value === 0 ? 'IPC_PRIVATE' : value === undefined ? '?' : `0x${(value >>> 0).toString(16)}`;
const join = (...parts: (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(', ');

/** A file is called what a student likes. */
const pathOf = (path: string | undefined): string => showText(path ?? '?');

/** A call that returned, or waits. */
type Asked = Pick<CallEvent, 'args' | 'queue' | 'message'> & { name: CallEvent['name'] | 'unknown' };

const flags = ({ args }: Asked, ...more: string[]): string | undefined =>
  [...(args.flags ?? []), ...more].join('|') || undefined;
const queueOf = ({ queue, args }: Asked): string =>
  queue === undefined || queue < 0 ? `id ${args.id ?? '?'}` : nameQueue(queue);
const processOf = (run: Run, pid: number | undefined): string =>
  pid === undefined ? '?' : pid > 0 ? nameByPid(run, pid) : String(pid);

function describeMessage(run: Run, index: number | undefined): string | undefined {
  const message = index === undefined ? undefined : run.messages[index];
  return message && showText(nameMessage(message));
}

const SHOWN_BYTES = 40;

function describeData(data: string): string {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.codePointAt(0)!);
  return quoteText(new TextDecoder().decode(bytes), SHOWN_BYTES);
}

/** What a call was asked for. */
function describeArguments(run: Run, call: Asked): string {
  const { args } = call;
  switch (call.name) {
    case 'msgget':
      return join(key(args.key), flags(call, octal(args.mode)));
    case 'shmget':
    case 'semget':
      return join(key(args.key), String(args.sizeBytes ?? ''), flags(call, octal(args.mode)));
    case 'msgsnd':
      return join(
        queueOf(call),
        describeMessage(run, call.message) ?? `type ${args.mtype ?? '?'}, ${args.sizeBytes ?? '?'} bytes`,
        flags(call),
      );
    case 'msgrcv':
      return join(queueOf(call), `type ${args.msgtyp ?? '?'}`, flags(call));
    case 'msgctl':
      return join(queueOf(call), args.cmd);
    case 'shmctl':
    case 'semctl':
      return join(`id ${args.id ?? '?'}`, args.cmd);
    case 'wait':
      return join(args.pid === -1 ? 'any child' : processOf(run, args.pid), flags(call));
    case 'kill':
      return join(processOf(run, args.pid), args.signal);
    case 'sigaction':
      return join(args.signal, args.disposition);
    case 'sigprocmask':
    case 'sigsuspend':
      return join(args.how, args.signals && `{${args.signals.join(', ')}}`);
    case 'alarm':
      return `${args.seconds ?? '?'} s`;
    case 'sleep':
      return `${args.timeoutMs ?? '?'} ms`;
    case 'open':
      return join(pathOf(args.path), flags(call));
    case 'read':
    case 'write':
      return join(pathOf(args.path), args.data === undefined ? undefined : describeData(args.data));
    case 'truncate':
      return join(pathOf(args.path), String(args.sizeBytes ?? '?'));
    case 'rename':
    case 'link':
      return join(pathOf(args.path), pathOf(args.to));
    case 'semop':
      return join(
        `id ${args.id ?? '?'}`,
        (args.operations ?? []).map(({ num, op }) => `${num}: ${op > 0 ? '+' : ''}${op}`).join(' '),
      );
    default:
      if (args.path !== undefined) return pathOf(args.path);
      return args.id === undefined ? '' : `id ${args.id}`;
  }
}

/** What came of it. */
function describeResult(run: Run, call: CallEvent): string {
  if (call.error !== undefined) return `${call.error}${call.forced ? ' (forced)' : ''}`;
  switch (call.name) {
    case 'msgget':
      if (call.queue === undefined) return String(call.result);
      return `${nameQueue(call.queue)}${run.trace.queues[call.queue]?.creator === null ? ", a stranger's" : ''}`;
    case 'msgrcv':
      return describeMessage(run, call.message) ?? `${call.result} bytes`;
    case 'fork':
      return call.target === undefined ? String(call.result) : getName(run, call.target);
    case 'wait':
      return call.target === undefined
        ? String(call.result)
        : `${getName(run, call.target)}${call.args.status ? `, ${nameExit(call.args.status)}` : ''}`;
    default:
      return String(call.result);
  }
}

/** What a program says when an exception ends it stands below a path and a line of its source. */
export const ERROR_LINE = /^(?:Uncaught )?\w*(?:Error|Exception)\b.*$/m;

function describeOutput(text: string, stream: 'stdout' | 'stderr'): string {
  if (stream === 'stdout') return `prints ${quoteText(text)}`;
  const error = ERROR_LINE.exec(text)?.[0];
  return error === undefined ? `prints to stderr ${quoteText(text)}` : `prints to stderr … ${quoteText(error, 120)}`;
}

/** A call as it is asked for: `msgrcv(queue A, type 42)`. */
export const renderCall = (run: Run, call: Asked): string => `${call.name}(${describeArguments(run, call)})`;

const describeHandler = ({ inHandler }: CallEvent | Wait): string =>
  inHandler === undefined ? '' : `  (in the handler of ${inHandler})`;

/** A call that never returned, in one line. */
export function renderWait(run: Run, wait: Wait): string {
  if (wait.kind === 'event-loop') return 'waits in its event loop, for ever';
  if (wait.kind === 'stopped') return 'is stopped, for ever';
  if (wait.name === 'unknown') return 'waits in a call that is not watched, for ever';
  const { name, args, queue } = wait;
  return `${renderCall(run, { name, args, ...(queue === undefined ? {} : { queue }) })}${describeHandler(wait)}  [waits for ever]`;
}

/** An event in one line, without the name of its process: `msgrcv(queue A, type 42) = EINTR`. */
export function renderEvent(run: Run, event: TraceEvent): string {
  switch (event.kind) {
    case 'start':
      return run.trace.processes[event.process]?.parent === null ? 'starts' : 'starts (forked)';
    case 'call':
      return `${renderCall(run, event)} = ${describeResult(run, event)}${describeHandler(event)}${event.waited ? '  [had to wait]' : ''}`;
    case 'signal': {
      const from =
        typeof event.from === 'number'
          ? ` from ${getName(run, event.from)}`
          : event.from === 'kernel'
            ? ''
            : ' from the grader';
      const where =
        event.placement === undefined
          ? ''
          : `, ${event.placement === 'blocked' ? 'asleep in' : event.placement === 'entry' ? 'entering' : event.placement} its call ${event.call}`;
      const what = {
        handler: 'its handler runs',
        ignored: 'ignored',
        killed: 'it is killed',
        stopped: 'it is stopped',
        continued: 'it goes on',
      }[event.action];
      return `<- ${event.signal}${from}${where}: ${what}`;
    }
    case 'output':
      return describeOutput(event.text, event.stream);
    case 'exit':
      return event.exit.signal === undefined ? `ends with ${nameExit(event.exit)}` : `is ${nameExit(event.exit)}`;
    case 'orphan':
      return 'is an orphan now: its parent is gone';
    case 'removal':
      return `-- a stranger removes ${nameQueue(event.queue)}`;
  }
}
