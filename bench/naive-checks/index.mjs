// What a sensible TA would script by hand for each lab: start the programs, disturb them, look at what can be seen from outside. Each
// function is one scenario; what it answers, or adds by `stage.expect`, are differences from what a correct solution may show.
// `stage` is in naive-grader.mjs. Queues that are left over, and programs that hang, are looked for after every scenario.
import helloQueue from './01-hello-queue.mjs';
import mtypeDispatch from './02-mtype-dispatch.mjs';

/** Lab → scenario → what to do. The first is made before the others: it tells how long a run takes. */
export const CHECKS = {
  '01-hello-queue': helloQueue,
  '02-mtype-dispatch': mtypeDispatch,
};
