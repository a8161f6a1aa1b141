import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_NOWAIT,
  MSG_COPY,
  MSG_EXCEPT,
  MSG_NOERROR,
  SHM_EXEC,
  SHM_RDONLY,
  SHM_REMAP,
  SHM_RND,
  WCONTINUED,
  WNOHANG,
  WUNTRACED,
} from './constants.js';

const GET = { IPC_CREAT, IPC_EXCL };
const WAIT = { WNOHANG, WUNTRACED, WCONTINUED };

/** Names of the flags, by call: the same bit has another name in another call. */
const FLAGS: Record<string, Record<string, number>> = {
  msgget: GET,
  shmget: GET,
  semget: GET,
  msgsnd: { IPC_NOWAIT },
  msgrcv: { IPC_NOWAIT, MSG_NOERROR, MSG_EXCEPT, MSG_COPY },
  shmat: { SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC },
  waitpid: WAIT,
};

/** The arguments of a call as a C programmer would write them: `key 0x41020b4c, flags IPC_CREAT|0600`. */
export function renderArguments(syscall: string, args: Record<string, unknown>): string {
  return Object.entries(args)
    .map(([name, value]) => `${name} ${renderArgument(syscall, name, value)}`)
    .join(', ');
}

function renderArgument(syscall: string, name: string, value: unknown): string {
  if (typeof value !== 'number') return String(value);
  if (name === 'key') return `0x${(value >>> 0).toString(16)}`;
  if (name === 'mode') return renderOctal(value);
  const flags = name === 'flags' || name === 'options' ? FLAGS[syscall] : undefined;
  return flags ? renderFlags(flags, value) : String(value);
}

function renderFlags(flags: Record<string, number>, value: number): string {
  const names = Object.keys(flags).filter((name) => value & flags[name]!);
  const rest = value & ~names.reduce((sum, name) => sum | flags[name]!, 0);
  return [...names, ...(rest !== 0 || names.length === 0 ? [rest === 0 ? '0' : renderOctal(rest)] : [])].join('|');
}

function renderOctal(value: number): string {
  return `0${(value >>> 0).toString(8)}`;
}
