// The same as messages.c, from Node. Arguments: who (into, buffer, koffi), rounds. Prints round trips a second.
const [who, count] = process.argv.slice(2);
const rounds = Number(count);
const payload = Buffer.alloc(64);
const IPC_PRIVATE = 0;

async function createLoop() {
  if (who === 'koffi') {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load('libc.so.6');
    const msgget = libc.func('int msgget(int key, int flags)');
    const msgsnd = libc.func('int msgsnd(int id, void *message, size_t size, int flags)');
    const msgrcv = libc.func('long msgrcv(int id, void *message, size_t size, long type, int flags)');
    const msgctl = libc.func('int msgctl(int id, int command, void *buffer)');
    const queue = msgget(IPC_PRIVATE, 0o600);
    const message = Buffer.alloc(72);
    const turn = () => {
      message.writeBigInt64LE(1n, 0);
      msgsnd(queue, message, 64, 0);
      if (Number(msgrcv(queue, message, 64, 1, 0)) !== 64) throw new Error('cut');
    };
    return { turn, end: () => msgctl(queue, 0, null) };
  }
  const ipc = await import('../../native/dist/index.js');
  const queue = ipc.msgget(IPC_PRIVATE, 0o600);
  const room = Buffer.alloc(64);
  const turn =
    who === 'into'
      ? () => {
          ipc.msgsnd(queue, 1, payload);
          if (ipc.msgrcv(queue, room, 1).sizeBytes !== 64) throw new Error('cut');
        }
      : () => {
          ipc.msgsnd(queue, 1, payload);
          if (ipc.msgrcv(queue, 64, 1).data.length !== 64) throw new Error('cut');
        };
  return { turn, end: () => ipc.msgctl(queue, ipc.IPC_RMID) };
}

const { turn, end } = await createLoop();
for (let i = 0; i < 20_000; i++) turn(); // compiled and warm
const began = performance.now();
for (let i = 0; i < rounds; i++) turn();
const seconds = (performance.now() - began) / 1000;
end();
console.log(Math.round(rounds / seconds));
