import type { FreeHistory, RunPlan, Trace } from '@ipclab/native/supervisor';
import type { Build } from '../build/build.js';
import { Fault } from '../fault.js';
import { createTraceFromHistory } from '../history/create-trace.js';
import { getNativePath } from '../native-package.js';
import { describeUnfit } from '../sandbox/platform.js';
import { beforeTheEnd } from '../sandbox/temporary.js';
import { hasSysAdmin } from '../sandbox/rights.js';
import { takePlace } from './processor-places.js';
import { type EngineProcess, spawnEngine } from './spawn.js';

/** One process that carries out runs, one at a time; they wait for each other. */
export interface Engine {
  /** Throws a Fault if the run could not be carried out. The next run then begins with a new process. */
  run(plan: RunPlan): Promise<Trace>;
  /** Ends it. A run that is not over is a Fault. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** In place of the real engine and what it is started with. */
  command?: [string, ...string[]];
  /** Beyond the wall limit of a run, for its start and clean-up. */
  marginMs?: number;
}

type Answer =
  | { type: 'ready' }
  | { type: 'trace'; id: number; /** JSON of a Trace. */ trace: string }
  | { type: 'history'; id: number; /** JSON of a FreeHistory. */ history: string }
  | { type: 'probe'; id: number; probe: Record<string, unknown> }
  | { type: 'fault'; id?: number; code: string; message: string };

type Reply = Answer | { how: string } | 'late';

const START_MS = 20_000;
const MARGIN_MS = 10_000;
/** Of the wall limit, where the machine is busy with other things: as in the supervisor. */
const LONGEST_STRETCH = 10;
const CLOSE_MS = 2000;

/** Starts an engine that knows the bundles of a build. */
export async function createEngine(build: Pick<Build, 'bundles'>, options: EngineOptions = {}): Promise<Engine> {
  const { command = getEngineCommand(), marginMs = MARGIN_MS } = options;
  const bundles = build.bundles.map(({ path }) => path);
  const place = await takePlace();
  const connect = async (): Promise<Connection> => {
    const connection = await Connection.open(command);
    await connection.ask({ type: 'start', bundles, cpu: place.processor }, START_MS);
    return connection;
  };

  let connection = await connect().catch((error: unknown) => {
    place.leave();
    throw error;
  });
  let nextId = 1;
  let closed = false;
  let previous: Promise<unknown> = Promise.resolve();

  const runNow = async (plan: RunPlan): Promise<Trace> => {
    if (closed) throw new Fault('engine-closed', '');
    if (connection.isEnded) connection = await connect();
    const answer = await connection.ask(
      { type: 'run', id: nextId++, plan },
      plan.limits.wallMs * LONGEST_STRETCH + marginMs,
    );
    if (answer.type !== 'trace' && answer.type !== 'history')
      throw new Fault('run', `Expected a trace from the engine, got ${answer.type}.`);
    const trace =
      answer.type === 'trace'
        ? (JSON.parse(answer.trace) as Trace)
        : createTrace(JSON.parse(answer.history) as FreeHistory, plan);
    if (trace.end.cause === 'fault') throw new Fault('run', trace.end.detail ?? '');
    return trace;
  };

  return {
    run: (plan) => {
      const trace = previous.then(() => runNow(plan));
      previous = trace.catch(() => {});
      return trace;
    },
    close: async () => {
      if (!closed) place.leave();
      closed = true;
      await connection.close();
    },
  };
}

/** What the kernel allows here, as the supervisor finds by trying. */
export async function askProbe(): Promise<Record<string, unknown>> {
  // Without the user namespace that runs may need: it finds out itself whether that can be had.
  const connection = await Connection.open([process.execPath, getNativePath('dist/engine.js')]);
  try {
    const answer = await connection.ask({ type: 'probe', id: 0 }, START_MS);
    if (answer.type !== 'probe')
      throw new Fault('engine-start', `Expected a probe from the engine, got ${answer.type}.`);
    return answer.probe;
  } finally {
    await connection.close();
  }
}

const createTrace = (history: FreeHistory, { queueBytes }: RunPlan): Trace =>
  createTraceFromHistory(history, { limits: queueBytes === undefined ? {} : { queueBytes } });

function getEngineCommand(): [string, ...string[]] {
  const engine: [string, ...string[]] = [process.execPath, getNativePath('dist/engine.js')];
  // An ordinary user has the rights that a run needs only in a user namespace of their own.
  return hasSysAdmin() ? engine : [getNativePath('build/Release/userns-exec'), ...engine];
}

/** The channel to one engine process: one question at a time, each with its time limit. */
class Connection {
  /** How the process ended, once it has. */
  private how: string | undefined;
  private settle: ((reply: Reply) => void) | undefined;
  private readonly forget: () => void;

  private constructor(private readonly child: EngineProcess) {
    this.forget = beforeTheEnd(() => child.kill());
    child.onMessage((message) => this.settle?.(message as Answer));
    void child.ended.then((how) => {
      this.how = how;
      this.forget();
      this.settle?.({ how });
    });
  }

  get isEnded(): boolean {
    return this.how !== undefined;
  }

  static async open(command: [string, ...string[]]): Promise<Connection> {
    const unfit = describeUnfit(process.platform, process.arch);
    if (unfit !== undefined) throw new Fault('engine-start', unfit);
    try {
      return new Connection(await spawnEngine(command));
    } catch (error) {
      throw new Fault('engine-start', `${command.join(' ')}: ${(error as Error).message}`, { cause: error });
    }
  }

  async ask(
    question: { type: 'start' | 'run' | 'probe'; [field: string]: unknown },
    timeoutMs: number,
  ): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    // Nothing that waits for the process itself: that would keep every answer until it ends.
    const answer = await new Promise<Reply>((resolve) => {
      this.settle = resolve;
      timer = setTimeout(resolve, timeoutMs, 'late');
      if (this.how === undefined) this.child.send(question);
      else resolve({ how: this.how });
    }).finally(() => {
      clearTimeout(timer);
      this.settle = undefined;
    });
    const isStart = question.type !== 'run';
    if (answer === 'late') {
      this.child.kill();
      await this.child.ended;
      throw new Fault(isStart ? 'engine-start' : 'engine-silent', `Expected an answer within ${timeoutMs} ms.`);
    }
    if ('how' in answer)
      throw new Fault(
        isStart ? 'engine-start' : 'engine-died',
        `${answer.how}\n\`ipclab doctor\` says what this machine allows.`,
      );
    if (answer.type === 'fault') {
      // Whatever it was, the next one begins with a fresh process.
      await this.close();
      throw new Fault(isStart ? 'engine-start' : 'run', `${answer.message} (${answer.code})`);
    }
    return answer;
  }

  async close(): Promise<void> {
    this.child.disconnect();
    const timer = setTimeout(() => this.child.kill(), CLOSE_MS);
    await this.child.ended;
    clearTimeout(timer);
  }
}
