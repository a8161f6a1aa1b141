import { SEM_UNDO, semop } from '@ipclab/native';
import { LOCK } from './board.js';

/** Waits until nobody uses the board, and takes it. Whoever dies with it gives it back (SEM_UNDO). */
export const lock = (semaphores: number): void => semop(semaphores, [{ num: LOCK, op: -1, flags: SEM_UNDO }]);
export const unlock = (semaphores: number): void => semop(semaphores, [{ num: LOCK, op: 1, flags: SEM_UNDO }]);
