// What a sensible TA would script by hand for each lab: start the programs, disturb them, look at what can be seen from outside. Each
// function is one scenario; what it answers, or adds by `stage.expect`, are differences from what a correct solution may show.
// `stage` is in naive-grader.mjs. Queues that are left over, and programs that hang, are looked for after every scenario.
import helloQueue from './01-hello-queue.mjs';
import mtypeDispatch from './02-mtype-dispatch.mjs';
import signals from './03-signals.mjs';
import pendingBlocking from './04-pending-blocking.mjs';
import syncAsync from './05-sync-async.mjs';
import fullQueue from './06-full-queue.mjs';
import producerConsumer from './07-producer-consumer.mjs';
import fileMailbox from './08-file-mailbox.mjs';
import sharedMemoryServer from './09-shared-memory-server.mjs';

/** Lab → scenario → what to do. The first is made before the others: it tells how long a run takes. */
export const CHECKS = {
  '01-hello-queue': helloQueue,
  '02-mtype-dispatch': mtypeDispatch,
  '03-signals': signals,
  '04-pending-blocking': pendingBlocking,
  '05-sync-async': syncAsync,
  '06-full-queue': fullQueue,
  '07-producer-consumer': producerConsumer,
  '08-file-mailbox': fileMailbox,
  '09-shared-memory-server': sharedMemoryServer,
};
