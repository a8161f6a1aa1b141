import { acknowledged } from './acknowledged.js';
import { acknowledgedSignals } from './acknowledged-signals.js';
import { asksForType } from './asks-for-type.js';
import { asynchronousReceive } from './asynchronous-receive.js';
import { blockedSignals } from './blocked-signals.js';
import { dropPolicy } from './drop-policy.js';
import { exactlyOnce } from './exactly-once.js';
import { exitStatus } from './exit-status.js';
import { fileMailbox } from './file-mailbox.js';
import { fileMessages } from './file-messages.js';
import { fifoPerType } from './fifo-per-type.js';
import { handlerSafety } from './handler-safety.js';
import { messageFormat } from './message-format.js';
import { noBusyWait } from './no-busy-wait.js';
import { noOrphans } from './no-orphans.js';
import { output } from './output.js';
import { pidFile } from './pid-file.js';
import { priorityOrder } from './priority-order.js';
import { queuesRemoved } from './queues-removed.js';
import { rendezvous } from './rendezvous.js';
import { repliesReachTheirAsker } from './replies-reach-their-asker.js';
import { respawns } from './respawns.js';
import type { Rule } from './rule.js';
import { retriesEintr } from './retries-eintr.js';
import { scansAgain } from './scans-again.js';
import { semaphores } from './semaphores.js';
import { sharedMemory } from './shared-memory.js';
import { signalScope } from './signal-scope.js';
import { stopsOnSignal } from './stops-on-signal.js';
import { terminates } from './terminates.js';
import { toldCounts } from './told-counts.js';

/** Every rule that a lab can ask for, by what it is called in lab.yaml. */
export const RULES: readonly Rule[] = [
  terminates,
  queuesRemoved,
  exactlyOnce,
  repliesReachTheirAsker,
  priorityOrder,
  fifoPerType,
  exitStatus,
  output,
  noOrphans,
  asksForType,
  acknowledged,
  rendezvous,
  asynchronousReceive,
  dropPolicy,
  noBusyWait,
  messageFormat,
  fileMailbox,
  fileMessages,
  pidFile,
  scansAgain,
  semaphores,
  sharedMemory,
  acknowledgedSignals,
  blockedSignals,
  retriesEintr,
  stopsOnSignal,
  signalScope,
  handlerSafety,
  toldCounts,
  respawns,
].map((rule) => rule as Rule);
