/**
 * The engine: `node engine.js`, started by the harness with an IPC channel.
 *
 * The process whose main thread is the tracer of every run: ptrace is bound to a thread, and nothing else may wait for children
 * here. It takes one request at a time, blocks in the supervisor while a run lasts, and ends when its channel closes or its
 * parent dies.
 */
import { fileURLToPath } from 'node:url';
import { loadSupervisor } from './load-supervisor.js';
import type { RunPlan } from './plan.js';

export type EngineRequest =
  | {
      type: 'start';
      bundles: string[];
      /** Which processor it keeps to; engines side by side take different ones. */ cpu?: number;
    }
  | { type: 'run'; id: number; plan: RunPlan }
  | { type: 'probe'; id: number };

export type EngineAnswer =
  | { type: 'ready' }
  /** JSON of a Trace: cheaper to send and to read than an object of the same content. */
  | { type: 'trace'; id: number; trace: string }
  /** JSON of a FreeHistory. */
  | { type: 'history'; id: number; history: string }
  | { type: 'probe'; id: number; probe: Record<string, unknown> }
  | { type: 'fault'; id?: number; code: string; message: string };

const ZYGOTE_FLAGS = [
  '--single-threaded',
  '--v8-pool-size=0',
  // The reducer sets timers of 0.5 and 8 s, for which a run in which nothing else can move would wait.
  '--no-memory-reducer',
  // A function that is compiled at its first call would be compiled in each child again.
  '--no-lazy',
  // Room for what a short program allocates, so that it need not collect garbage: each page moved is one copied from the zygote.
  '--min-semi-space-size=16',
  // The text of node in pages of 2 MiB, where the kernel has any: a child's first use of each small one is a fault.
  '--use-largepages=silent',
  // Then its builtins lie in such pages already, and need no copy of their own.
  '--no-short-builtin-calls',
];
// A heap in one piece is cheaper to fork, and to free. In a list of libraries these characters mean something (ld.so(8)).
const COMPACT_HEAP = fileURLToPath(new URL('../build/Release/compact-heap.node', import.meta.url));
const PRELOADED = /[\s:$]/.test(COMPACT_HEAP) ? [] : [`LD_PRELOAD=${COMPACT_HEAP}`];
// What a Node start needs of its surroundings, and nothing that changes how programs run.
const ZYGOTE_ENVIRONMENT = [
  'PATH=/usr/local/bin:/usr/bin:/bin',
  'LANG=C.UTF-8',
  'UV_THREADPOOL_SIZE=1',
  'UV_USE_IO_URING=0',
  ...PRELOADED,
];

const supervisor = loadSupervisor();
const zygote = fileURLToPath(new URL('zygote.js', import.meta.url));
let bundles: string[] = [];
let zygoteStarted = false;

function startZygote(): void {
  supervisor.startZygote([process.execPath, ...ZYGOTE_FLAGS, zygote, ...bundles], ZYGOTE_ENVIRONMENT);
  zygoteStarted = true;
}

function answer(request: EngineRequest): EngineAnswer {
  switch (request.type) {
    case 'start':
      supervisor.pinTo(request.cpu ?? process.pid);
      bundles = request.bundles;
      zygoteStarted = false;
      if (bundles.length > 0) startZygote();
      return { type: 'ready' };
    case 'run':
      if (!zygoteStarted && bundles.length > 0) startZygote();
      if (request.plan.strategy.kind === 'free')
        return { type: 'history', id: request.id, history: supervisor.runFreely(request.plan) };
      return { type: 'trace', id: request.id, trace: supervisor.run(request.plan) };
    case 'probe':
      return { type: 'probe', id: request.id, probe: supervisor.probe() };
  }
}

supervisor.dieWithParent();
supervisor.leaveNetwork(); // where it is refused, the filter alone keeps processes off the network
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  const request = message as EngineRequest;
  let reply: EngineAnswer;
  try {
    reply = answer(request);
  } catch (error) {
    zygoteStarted = false; // whatever broke, the next run begins with a fresh one
    supervisor.stopZygote();
    const { code = 'UNKNOWN', message: text } = error as Error & { code?: string };
    reply = { type: 'fault', ...('id' in request ? { id: request.id } : {}), code, message: text };
  }
  process.send?.(reply);
});
