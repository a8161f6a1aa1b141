import { semop } from '@ipclab/native';
import { LOCK } from './board.js';

/** Waits until nobody uses the board, and takes it. */
export const lock = (semaphores: number): void => semop(semaphores, [{ num: LOCK, op: -1 }]);
export const unlock = (semaphores: number): void => semop(semaphores, [{ num: LOCK, op: 1 }]);
