/** Waits until nobody uses the board, and takes it. */
export const lock = (semaphores: number): void => void semaphores;
export const unlock = (semaphores: number): void => void semaphores;
