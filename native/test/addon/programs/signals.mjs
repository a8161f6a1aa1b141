import {
  IPC_NOWAIT,
  SA_NODEFER,
  SA_RESETHAND,
  SIG_BLOCK,
  SIG_DFL,
  SIG_IGN,
  SIG_SETMASK,
  SIG_UNBLOCK,
  _exit,
  alarm,
  fork,
  getppid,
  kill,
  msgrcv,
  msgsnd,
  pause,
  raise,
  sigaction,
  sigaddset,
  sigdelset,
  sigemptyset,
  sigfillset,
  sigismember,
  signal,
  sigpending,
  sigprocmask,
  sigsuspend,
  waitpid,
} from '@ipclab/native';
import { codeOf, makeQueue, print, runCase } from './cases.mjs';

const setOf = (...signals) => {
  const set = sigemptyset();
  for (const one of signals) sigaddset(set, one);
  return set;
};

const ignore = () => {};

await runCase({
  // A handler of the program runs before the interrupted call throws.
  interrupted() {
    const queue = makeQueue();
    signal('SIGUSR1', (number) => print(['handler', number]));
    print(codeOf(() => msgrcv(queue, 8, 0)));
  },
  interruptedSend() {
    const queue = makeQueue();
    signal('SIGUSR1', () => print('handler'));
    for (let i = 0; i < 2; i++) msgsnd(queue, 1, Buffer.alloc(8192));
    print(codeOf(() => msgsnd(queue, 1, 'one more')));
  },
  throws() {
    const queue = makeQueue();
    signal('SIGUSR1', () => {
      throw new Error('out of the handler');
    });
    print(codeOf(() => msgrcv(queue, 8, 0)));
  },
  // Recorded, but not yet run when the call is made: the handler runs first, then the call is made as if nothing had been.
  beforeCall() {
    const queue = makeQueue();
    signal('SIGUSR1', () => msgsnd(queue, 1, 'from the handler'));
    process.kill(process.pid, 'SIGUSR1');
    print(msgrcv(queue, 100, 0).data.toString());
  },
  // 3000 signals at any moment. The receiver lives on what its handler sends, so one that slept in spite of a signal would never wake.
  anyMoment() {
    const [toParent, toChild] = [makeQueue(), makeQueue()];
    const rounds = 3000;
    signal('SIGUSR1', () => msgsnd(toParent, 1, ''));
    const child = fork();
    if (child === 0) {
      for (let i = 0; i < rounds; i++) {
        kill(getppid(), 'SIGUSR1');
        msgrcv(toChild, 0, 0);
      }
      _exit(0);
    }
    let interrupted = 0;
    for (let i = 0; i < rounds;) {
      const error = codeOf(() => msgrcv(toParent, 0, 0));
      if (error === 'EINTR') interrupted++;
      else {
        msgsnd(toChild, 1, '');
        i++;
      }
    }
    print([waitpid(child).code, interrupted <= rounds]);
  },
  order() {
    const log = [];
    for (const name of ['SIGUSR1', 'SIGUSR2', 'SIGTERM']) signal(name, () => log.push(name));
    for (const name of ['SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGUSR1']) raise(name);
    print(log);
  },
  // Until JavaScript comes to a safe point, each arrival is kept, as C would have run the handler each time.
  counted() {
    const log = [];
    for (const name of ['SIGUSR1', 'SIGUSR2']) signal(name, () => log.push(name));
    for (const name of ['SIGUSR2', 'SIGUSR1', 'SIGUSR1']) process.kill(process.pid, name);
    print(log);
    print(codeOf(() => kill(process.pid, 0)));
    print(log);
  },
  pauses() {
    signal('SIGUSR1', () => print('handler'));
    print(pause());
  },
  suspends() {
    signal('SIGUSR1', () => print('handler'));
    const old = sigprocmask(SIG_BLOCK, setOf('SIGUSR1'));
    raise('SIGUSR1');
    print(['pending', sigpending(), 'before', old]);
    print(sigsuspend(old));
    print(['pending', sigpending(), 'blocked', sigprocmask(SIG_BLOCK)]);
  },
  suspendsAsleep() {
    signal('SIGUSR1', () => print('handler'));
    sigprocmask(SIG_BLOCK, setOf('SIGUSR1'));
    print(sigsuspend(sigemptyset()));
  },
  alarms() {
    signal('SIGALRM', () => print('handler'));
    print([alarm(60), alarm(1) > 50, pause(), alarm(0)]);
  },
  // Node's own thread pool and V8's helpers are running: the signal must not be taken by one of them.
  async blocked() {
    const fs = await import('node:fs/promises');
    await fs.stat('/');
    sigprocmask(SIG_BLOCK, setOf('SIGTERM', 'SIGUSR2'));
    print('blocked');
    while (!sigismember(sigpending(), 'SIGTERM'));
    print(sigpending());
    signal('SIGTERM', () => print('handler'));
    sigprocmask(SIG_UNBLOCK, setOf('SIGTERM'));
    print('end');
  },
  loop() {
    const timer = setInterval(() => {}, 1000);
    signal('SIGTERM', () => {
      print('handler');
      clearInterval(timer);
    });
    print('ready');
  },
  loopThrows() {
    setInterval(() => {}, 1000);
    signal('SIGTERM', () => {
      throw new Error('out of the handler');
    });
    process.on('uncaughtException', (error) => {
      print(error.message);
      process.exit(3);
    });
    print('ready');
  },
  // Nothing but a handler: the program ends.
  handlerAlone() {
    signal('SIGTERM', () => {});
  },
  heldOff() {
    const log = [];
    const on = (name, extra) => (number) => {
      log.push(`${name} begins`);
      if (log.length === 1) extra(number);
      log.push(`${name} ends`);
    };
    sigaction('SIGUSR1', { handler: on('USR1', () => (raise('SIGUSR1'), raise('SIGUSR2'))), mask: setOf('SIGUSR2') });
    signal(
      'SIGUSR2',
      on('USR2', () => {}),
    );
    raise('SIGUSR1');
    print(log);
  },
  nodefer() {
    const log = [];
    sigaction('SIGUSR1', {
      handler: () => {
        log.push('begins');
        if (log.length === 1) raise('SIGUSR1');
        log.push('ends');
      },
      flags: SA_NODEFER,
    });
    raise('SIGUSR1');
    print(log);
  },
  resethand() {
    sigaction('SIGUSR2', { handler: () => print('once'), flags: SA_RESETHAND });
    raise('SIGUSR2');
    raise('SIGUSR2');
  },
  // As after a return from a C handler, the mask is what it was.
  maskInHandler() {
    sigaction('SIGUSR1', {
      handler: () => {
        sigprocmask(SIG_BLOCK, setOf('SIGTERM'));
        print(['inside', sigprocmask(SIG_BLOCK)]);
      },
    });
    raise('SIGUSR1');
    print(['after', sigprocmask(SIG_SETMASK)]);
  },
  // A signal that the running handler holds off does not interrupt what the handler waits for.
  heldOffWait() {
    const queue = makeQueue();
    const log = [];
    signal('SIGUSR1', () => {
      log.push('begins');
      if (log.length > 1) return;
      print('in the handler');
      log.push(msgrcv(queue, 10, 0).data.toString());
    });
    const parent = fork();
    if (parent === 0) {
      // Twice while it waits in its handler; it has seen both, in that order, when the message comes.
      msgrcv(queue, 10, 2);
      kill(getppid(), 'SIGUSR1');
      msgsnd(queue, 1, 'message');
      _exit(0);
    }
    msgsnd(queue, 2, '');
    raise('SIGUSR1');
    waitpid(parent);
    print(log);
  },
  restart() {
    signal('SIGUSR1', () => print('handler'));
    const old = sigprocmask(SIG_BLOCK, setOf('SIGUSR1'));
    const child = fork();
    if (child === 0) {
      sigsuspend(old);
      _exit(5);
    }
    sigprocmask(SIG_SETMASK, old);
    signal('SIGUSR1', () => {
      print('parent handler');
      kill(child, 'SIGUSR1');
    });
    print(waitpid(child).code);
  },
  noRestart() {
    sigaction('SIGUSR1', { handler: () => print('handler') });
    const child = fork();
    if (child === 0) {
      pause();
      _exit(0);
    }
    print(codeOf(() => waitpid(child)));
    kill(child, 'SIGKILL');
    print(waitpid(child).signal);
  },
  previous() {
    const handler = ignore;
    print([
      signal('SIGUSR2', handler) === SIG_DFL,
      signal('SIGUSR2', SIG_IGN) === handler,
      signal('SIGUSR2', SIG_DFL) === SIG_IGN,
      codeOf(() => signal('SIGKILL', handler)),
      codeOf(() => signal(65, handler)),
      codeOf(() => signal(64, handler)),
    ]);
    sigaction('SIGUSR2', { handler, mask: setOf('SIGINT'), flags: SA_NODEFER });
    const { mask, flags } = sigaction('SIGUSR2');
    print([mask, flags === SA_NODEFER]);
    signal('SIGUSR2', SIG_IGN);
    raise('SIGUSR2');
    signal('SIGUSR2', SIG_DFL);
    raise('SIGUSR2');
  },
  ignoredDoesNotInterrupt() {
    const queue = makeQueue();
    signal('SIGUSR1', SIG_IGN);
    print(['queue', queue]);
    print(msgrcv(queue, 10, 0).data.toString());
  },
  sets() {
    const set = sigfillset();
    sigdelset(set, 'SIGTERM');
    print([
      sigismember(set, 'SIGTERM'),
      sigismember(set, 34),
      codeOf(() => sigaddset(set, 65)),
      codeOf(() => sigaddset(set, 'SIGFOO')),
    ]);
  },
  noWait() {
    const queue = makeQueue();
    signal('SIGUSR1', () => print('handler'));
    process.kill(process.pid, 'SIGUSR1');
    print(codeOf(() => msgrcv(queue, 10, 0, IPC_NOWAIT)));
  },
});
