import { SEM_UNDO, semop } from '@ipclab/native';
import { LOCK } from './board.js';

const change = (semaphores: number, op: number) => semop(semaphores, [{ num: LOCK, op, flags: SEM_UNDO }]);

/** Does something with the board while nobody else does. */
export function withLock<T>(semaphores: number, action: () => T): T {
  change(semaphores, -1);
  try {
    return action();
  } finally {
    change(semaphores, 1);
  }
}

export const isGone = (error: unknown): boolean =>
  ['EIDRM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '');
