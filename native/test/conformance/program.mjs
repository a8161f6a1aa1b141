// The TypeScript side of the conformance table: the same as peer.c, through the addon. Argument: the addon's module.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ipc = await import(process.argv[2]);
const NOBODY = 65_534;
const FLAGS = {
  NOWAIT: ipc.IPC_NOWAIT,
  NOERROR: ipc.MSG_NOERROR,
  EXCEPT: ipc.MSG_EXCEPT,
  COPY: ipc.MSG_COPY,
  CREAT: ipc.IPC_CREAT,
  EXCL: ipc.IPC_EXCL,
  UNDO: ipc.SEM_UNDO,
  RDONLY: ipc.SHM_RDONLY,
};
const CALLS = { snd: 69, rcv: 70, semop: 220 }; // numbers on x86-64
const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-test-'));
const words = new Map();
const background = new Map();
const find = (name) => words.get(name) ?? Number(name);
const flagsOf = (names) => names.reduce((bits, name) => bits | (FLAGS[name] ?? Number.parseInt(name, 8)), 0);
const textOf = (word) => (word === '-' ? '' : word.startsWith('*') ? 'x'.repeat(Number(word.slice(1))) : word);
const showText = (text) => (text === '' ? '-' : text.length > 8 && /^x*$/.test(text) ? `*${text.length}` : text);
const whose = (pid) => (pid === 0 ? '0' : pid === process.pid ? 'me' : 'other');

/** What the call answers, or the name of its errno. */
function attempt(call) {
  try {
    return call() ?? 'ok';
  } catch (error) {
    if (error.syscall === undefined) throw error;
    return error.code;
  }
}

const statQueue = (id) =>
  ` | ${attempt(() => {
    const { qnum, cbytes, qbytes, lspid, lrpid } = ipc.msgctl(id, ipc.IPC_STAT);
    return `${qnum} ${cbytes} ${qbytes} ${whose(lspid)} ${whose(lrpid)}`;
  })}`;

function step([call, name, ...args]) {
  const id = find(name);
  switch (call) {
    case 'snd':
      return attempt(() => ipc.msgsnd(id, Number(args[0]), textOf(args[1]), flagsOf(args.slice(2))));
    case 'rcv':
      return attempt(() => {
        const { mtype, data } = ipc.msgrcv(id, Number(args[0]), Number(args[1]), flagsOf(args.slice(2)));
        return `${mtype} ${showText(data.toString())}`;
      });
    case 'rm':
      return attempt(() => ipc.msgctl(id, ipc.IPC_RMID));
    case 'stat':
      return attempt(() => void ipc.msgctl(id, ipc.IPC_STAT));
    case 'qbytes':
      return attempt(() => ipc.msgctl(id, ipc.IPC_SET, { qbytes: Number(args[0]) }));
    case 'mode':
      return attempt(() => ipc.msgctl(id, ipc.IPC_SET, { mode: Number.parseInt(args[0], 8) }));
    case 'semset':
      return attempt(() => void ipc.semctl(id, Number(args[0]), ipc.SETVAL, Number(args[1])));
    case 'semval':
      return attempt(() => String(ipc.semctl(id, Number(args[0]), ipc.GETVAL)));
    case 'semop':
      return attempt(
        () => void ipc.semop(id, [{ num: Number(args[0]), op: Number(args[1]), flags: flagsOf(args.slice(2)) }]),
      );
    case 'semrm':
      return attempt(() => void ipc.semctl(id, 0, ipc.IPC_RMID));
    case 'shmrm':
      return attempt(() => void ipc.shmctl(id, ipc.IPC_RMID));
    case 'put':
    case 'look':
      return attempt(() => {
        const memory = ipc.shmat(id, call === 'look' ? ipc.SHM_RDONLY : 0);
        if (call === 'put') memory.write(`${args[0]}\0`);
        const text = memory.toString('utf8', 0, memory.indexOf(0));
        ipc.shmdt(memory);
        return call === 'put' ? 'ok' : text;
      });
    default:
      throw new Error(`Expected a call of the table, got ${call}`);
  }
}

function make(name, [call, key, ...args]) {
  const number = key === 'private' ? ipc.IPC_PRIVATE : Number(key);
  let id = -1;
  const said = attempt(() => {
    id =
      call === 'get'
        ? ipc.msgget(number, flagsOf(args))
        : (call === 'semget' ? ipc.semget : ipc.shmget)(number, Number(args[0]), flagsOf(args.slice(1)));
  });
  const same = [...words].find(([other, value]) => value === id && other[0] === name[0]);
  words.set(name, id);
  return id >= 0 && same ? `the same as ${same[0]}` : said;
}

/** Does a step in a forked child; its answer is in the file when the child has ended. */
function inChild(file, work) {
  const child = ipc.fork();
  if (child > 0) return child;
  writeFileSync(file, work());
  ipc._exit(0);
}
function endOf(child, file) {
  ipc.waitpid(child);
  return readFileSync(file, 'utf8');
}

function sleeps(pid, call) {
  try {
    return Number.parseInt(readFileSync(`/proc/${pid}/syscall`, 'utf8'), 10) === CALLS[call];
  } catch {
    return true; // gone
  }
}

function answer(arg) {
  if (arg[1] === '=') {
    const said = make(arg[0], arg.slice(2));
    return said + (arg[0].startsWith('q') && find(arg[0]) >= 0 ? statQueue(find(arg[0])) : '');
  }
  switch (arg[0]) {
    case 'start': {
      const file = path.join(folder, arg[1]);
      const child = inChild(file, () => {
        ipc.sigaction('SIGUSR1', { handler: () => {}, flags: ipc.SA_RESTART });
        return step(arg.slice(2));
      });
      background.set(arg[1], { child, file });
      while (!sleeps(child, arg[2]));
      return `asleep${statQueue(find(arg[3]))}`;
    }
    case 'signal':
      return attempt(() => ipc.kill(background.get(arg[1]).child, 'SIGUSR1'));
    case 'end': {
      const { child, file } = background.get(arg[1]);
      background.delete(arg[1]);
      return endOf(child, file);
    }
    case 'nobody': {
      const file = path.join(folder, 'nobody');
      writeFileSync(file, '', { mode: 0o666 });
      const child = ipc.fork();
      if (child === 0) {
        let said;
        try {
          process.setgroups([]);
          process.setgid(NOBODY);
          process.setuid(NOBODY);
          said = arg[2] === '=' ? make(arg[1], arg.slice(3)) : step(arg.slice(1));
        } catch (error) {
          said = error.syscall?.startsWith('set') ? 'no such user' : String(error);
        }
        process.stdout.write(`${said}\n`);
        ipc._exit(0);
      }
      ipc.waitpid(child);
      return undefined;
    }
    default: {
      const said = step(arg);
      // While somebody sleeps in it, who is woken by the call may be faster than we are in looking.
      return (
        said +
        (background.size === 0 && /^(?:snd|rcv|rm|stat|qbytes|mode)$/.test(arg[0]) ? statQueue(find(arg[1])) : '')
      );
    }
  }
}

try {
  for (const line of readFileSync(0, 'utf8').split('\n')) {
    const arg = line.split(' ').filter(Boolean);
    if (arg.length === 0) continue;
    if (arg[0] === 'case') {
      for (const [name, id] of words) {
        if (name.startsWith('q')) attempt(() => ipc.msgctl(id, ipc.IPC_RMID));
        if (name.startsWith('s')) attempt(() => void ipc.semctl(id, 0, ipc.IPC_RMID));
        if (name.startsWith('m')) attempt(() => void ipc.shmctl(id, ipc.IPC_RMID));
      }
      words.clear();
      continue;
    }
    const said = answer(arg);
    if (said !== undefined) process.stdout.write(`${said}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
