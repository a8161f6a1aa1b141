import { type ChildProcess, execFileSync, fork, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EngineAnswer, EngineRequest } from '../../src/engine.js';
import type { FreeHistory, ProcessPlan, RunPlan, Trace } from '../../src/supervisor.js';

const native = path.resolve(import.meta.dirname, '../..');
const USERNS_EXEC = path.join(native, 'build/Release/userns-exec');
const AS_USER = ['--reuid', '1000', '--regid', '1000', '--clear-groups', '--'];

/** Are we root, and may user 1000 read these files and have a user namespace? */
export function canRunAsUser(): boolean {
  return process.getuid?.() === 0 && spawnSync('setpriv', [...AS_USER, USERNS_EXEC, '/bin/true']).status === 0;
}

/** An engine process with C guests, for tests: compiles `guests/<name>.c` on first use, and leaves nothing behind on `close`. */
export class TestEngine {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'ipclab-test-'));
  readonly #child: ChildProcess;
  readonly #built = new Set<string>();
  #runs = 0;

  /** `asUser`: by an ordinary user, in a user namespace, where we are root. */
  constructor({ asUser = false } = {}) {
    chmodSync(this.folder, 0o777);
    const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env;
    this.#child = fork(path.join(native, 'dist/engine.js'), {
      serialization: 'advanced',
      env,
      ...(asUser ? { execPath: 'setpriv', execArgv: [...AS_USER, USERNS_EXEC, process.execPath] } : { execArgv: [] }),
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async ask(request: EngineRequest): Promise<EngineAnswer> {
    return await new Promise((resolve, reject) => {
      const gone = () => reject(new Error('The engine ended'));
      this.#child.once('exit', gone);
      this.#child.once('message', (answer) => {
        this.#child.off('exit', gone);
        resolve(answer as EngineAnswer);
      });
      this.#child.send(request);
    });
  }

  guest(name: string): string {
    const program = path.join(this.folder, name);
    if (!this.#built.has(name)) {
      execFileSync('cc', [
        '-O1',
        '-Wall',
        '-Werror',
        '-o',
        program,
        path.join(import.meta.dirname, `guests/${name}.c`),
      ]);
      this.#built.add(name);
    }
    return program;
  }

  process(name: string, args: string[] = [], more: Partial<ProcessPlan> = {}): ProcessPlan {
    return {
      name: `${name}#1`,
      role: name,
      program: { kind: 'executable', path: this.guest(name) },
      args,
      env: {},
      stdin: '',
      ...more,
    };
  }

  plan(processes: ProcessPlan[], more: Partial<RunPlan> = {}): RunPlan {
    const folder = path.join(this.folder, 'work');
    execFileSync('mkdir', ['-p', '-m', '777', folder]);
    return {
      processes,
      strategy: { kind: 'default' },
      deviations: [],
      injections: [],
      faults: [],
      stops: [],
      limits: {
        wallMs: 20_000,
        cpuMs: 500,
        memoryBytes: 1 << 28,
        outputBytes: 1 << 16,
        processes: 16,
        fileBytes: 1 << 20,
        steps: 500,
      },
      folder,
      readable: [this.folder],
      decoys: [],
      burntIds: 1,
      pty: false,
      ...more,
    };
  }

  async runFreely(plan: RunPlan): Promise<FreeHistory> {
    const answer = await this.ask({ type: 'run', id: ++this.#runs, plan: { ...plan, strategy: { kind: 'free' } } });
    if (answer.type !== 'history') throw new Error(JSON.stringify(answer));
    return JSON.parse(answer.history) as FreeHistory;
  }

  async run(plan: RunPlan): Promise<Trace> {
    const answer = await this.ask({ type: 'run', id: ++this.#runs, plan });
    if (answer.type !== 'trace') throw new Error(JSON.stringify(answer));
    return JSON.parse(answer.trace) as Trace;
  }

  /** The run of one guest, as lines: `name call args -> result`. */
  async lines(guest: string, args: string[] = [], more: Partial<RunPlan> = {}): Promise<string[]> {
    return renderLines(await this.run(this.plan([this.process(guest, args)], more)));
  }

  async close(): Promise<void> {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await exited;
    this.remove();
  }

  /** Only the folder: for an engine that is gone. */
  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Each event in a line without what a test does not mean to pin down (pids, ids). */
export function renderLines(trace: Trace): string[] {
  const lines = trace.events.map((event) => {
    const who = trace.processes[event.process]!.name.replace(/^\w+#1/, 'p');
    switch (event.kind) {
      case 'call': {
        const waited = event.waited ? ' waited' : '';
        const type = event.args.msgtyp ?? event.args.mtype;
        const what = `${event.name}${type === undefined ? '' : `(${type})`}${event.args.cmd ? `(${event.args.cmd})` : ''}`;
        const result =
          event.error ??
          (event.target === undefined ? event.result : trace.processes[event.target]!.name.replace(/^\w+#1/, 'p'));
        return `${who} ${what} = ${event.name.endsWith('get') ? 'id' : result}${waited}`;
      }
      case 'signal':
        return `${who} <- ${event.signal} ${event.action}${event.placement ? ` ${event.placement} call ${event.call}` : ''}`;
      case 'output':
        return `${who} says ${JSON.stringify(event.text)}`;
      case 'exit':
        return `${who} ends ${event.exit.signal ?? event.exit.code}`;
      default:
        return `${who} ${event.kind}`;
    }
  });
  return [...lines, trace.end.cause];
}
