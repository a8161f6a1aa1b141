import { readdirSync, readFileSync } from 'node:fs';

/** Pids of the machine's processes with exactly that command line. */
export const listProcesses = (...command: string[]): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8') === [...command, ''].join('\0');
    } catch {
      return false; // it has ended meanwhile
    }
  });
