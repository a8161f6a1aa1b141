import { readFileSync } from 'node:fs';

const CAP_SYS_ADMIN = 21n; // linux/capability.h

/** May this process make namespaces without a user namespace? Root of a container often may not. */
export function hasSysAdmin(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}

export const isRoot = (): boolean => process.geteuid?.() === 0;
