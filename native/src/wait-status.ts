/** The macros of waitpid(2) that take a status apart, for those who come from C. */

/** Did it end by itself, by exit() or by returning from main? */
export function WIFEXITED(status: number): boolean {
  return (status & 0x7f) === 0;
}

/** Its exit code, 0 to 255, if WIFEXITED. */
export function WEXITSTATUS(status: number): number {
  return (status >> 8) & 0xff;
}

/** Was it ended by a signal? */
export function WIFSIGNALED(status: number): boolean {
  return (status & 0x7f) !== 0 && (status & 0x7f) !== 0x7f;
}

/** Number of the signal that ended it, if WIFSIGNALED. */
export function WTERMSIG(status: number): number {
  return status & 0x7f;
}

/** Is it stopped (only with WUNTRACED)? */
export function WIFSTOPPED(status: number): boolean {
  return (status & 0xff) === 0x7f;
}

/** Number of the signal that stopped it, if WIFSTOPPED. */
export function WSTOPSIG(status: number): number {
  return (status >> 8) & 0xff;
}

/** Was it continued by SIGCONT (only with WCONTINUED)? */
export function WIFCONTINUED(status: number): boolean {
  return status === 0xffff;
}
