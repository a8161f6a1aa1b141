import type { FreeHistory, HistoryCall } from '@ipclab/native/supervisor';

/** `12–15 client#1 msgrcv(id 32768, msgtyp 5) = 4`: one call in a line, with its stamps, for people who look for a fault of ours. */
export function describeCall({ processes }: FreeHistory, call: HistoryCall): string {
  const args = Object.entries(call.args)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join('|') || 'none' : JSON.stringify(value)}`)
    .join(', ');
  const answer = call.returned === null ? '?' : (call.error ?? String(call.result));
  return `${call.entered}–${call.returned ?? ''} ${processes[call.process]?.name ?? '?'} ${call.name}(${args}) = ${answer}`;
}
