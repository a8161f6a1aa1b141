import { readFileSync, readlinkSync } from 'node:fs';

/**
 * A process, named so that it is never taken for another: the same pid can be another process after a while, after a restart
 * of the machine, or in another container that shares the folder.
 */
export interface Owner {
  /** First digits of the kernel's boot id. */
  boot: string;
  /** Inode number of its PID namespace. */
  pidNamespace: string;
  pid: number;
  /** Clock ticks from boot to its start. */
  startTicks: string;
}

export function getOwner(): Owner {
  return {
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8),
    pidNamespace: readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, ''),
    pid: process.pid,
    startTicks: readStartTicks(process.pid) ?? '0',
  };
}

/** 'unknown': it belongs to another PID namespace, into which we cannot look. */
export function checkOwner(owner: Owner, self: Owner): 'alive' | 'gone' | 'unknown' {
  if (owner.boot !== self.boot) return 'gone';
  if (owner.pidNamespace !== self.pidNamespace) return 'unknown';
  return readStartTicks(owner.pid) === owner.startTicks ? 'alive' : 'gone';
}

/** Field 22 of /proc/pid/stat (proc_pid_stat(5)), counted after the name, which may hold spaces and parentheses. */
function readStartTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
  } catch {
    return undefined;
  }
}
