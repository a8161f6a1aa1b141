import { IPC_RMID, alarm, kill, msgctl, promises } from '@ipclab/native';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

export const isRemoved = (error: unknown): boolean => ['EIDRM', 'EINVAL'].includes(codeOf(error));
export const isNothingThere = (error: unknown): boolean => codeOf(error) === 'ENOMSG';

let wait = new AbortController();
process.on('SIGALRM', () => wait.abort());

/** The bytes of the next message of a type, or null if none comes in time. */
export async function receive(queue: number, size: number, type: number, seconds: number): Promise<Buffer | null> {
  wait = new AbortController();
  alarm(seconds);
  try {
    return (await promises.msgrcv(queue, size, type, 0, { signal: wait.signal })).data;
  } catch (error) {
    if (!wait.signal.aborted) throw error;
    return null;
  } finally {
    alarm(0);
  }
}

export function isAlive(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    throw error;
  }
}

export function remove(queue: number): void {
  try {
    msgctl(queue, IPC_RMID);
  } catch (error) {
    if (!isRemoved(error)) throw error;
  }
}
