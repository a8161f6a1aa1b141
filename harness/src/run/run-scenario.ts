/**
 * One run, from start to clean-up.
 *
 * Theory of operation. Five kinds of process take part:
 *
 *     grader           whoever calls us: has the rights of the user who started it; asks for runs, one after the other
 *       └─ engine      node dist/engine.js; root, or the root of a user namespace (through userns-exec). It is the tracer
 *            ├─ reaper    PID 1 of the run's PID namespace; made for each run. When it dies the kernel kills all the others in there
 *            ├─ zygote    one a submission; has the TypeScript programs compiled; forks them
 *            │    └─ roles, TypeScript: user 60999, no capabilities, seccomp, Landlock, namespaces of the run
 *            └─ roles, executables: the same
 *
 * Channels. Grader and engine speak over Node's IPC channel (a socket pair): a plan goes in, a trace comes out. The engine does
 * nothing else while a run lasts, so it is the grader that watches the clock; the engine has its own too, which is earlier.
 * The roles' stdout and stderr are pipes (or a terminal) that the engine reads; they never reach the grader's.
 *
 * Who waits. The grader waits for the answer, for the end of the engine, or for the time to be over, whichever is first. The
 * engine waits for its tracees, with the reaper as their last.
 *
 * Who cleans up. The run's folder is made and removed here. Processes, queues, segments and semaphores are in the run's namespaces
 * and go with them. If the engine dies, however, the kernel kills tracees (PTRACE_O_EXITKILL), reaper (PR_SET_PDEATHSIG) and with it the namespaces; if the
 * grader dies, the engine is killed likewise and sees its channel close. What remains then is the temporary folder, which the next start of
 * any grader removes (sandbox/temporary.ts).
 */
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Trace } from '@ipclab/native/supervisor';
import type { Build } from '../build/build.js';
import { Fault } from '../fault.js';
import { isRoot } from '../sandbox/rights.js';
import { STUDENT_ID } from '../sandbox/student.js';
import { createTemporaryFolder, removeTemporaryFolder } from '../sandbox/temporary.js';
import { createPlan } from '../scenario/create-plan.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Schedule } from '../schedule/schedule.js';
import type { Engine } from './engine.js';
import { resolvePlaces } from './resolve-places.js';

/** Runs a scenario under a schedule, in a folder of its own with the scenario's files. Throws a Fault. */
export async function runScenario(
  engine: Pick<Engine, 'run'>,
  build: Pick<Build, 'programs' | 'readable'>,
  scenarioName: string,
  scenario: Scenario,
  schedule: Schedule,
): Promise<Trace> {
  const folder = createTemporaryFolder('run');
  try {
    placeFiles(folder, scenario.files);
    const trace = await engine.run(createPlan(scenario, build, schedule, folder));
    if (schedule.places) await resolvePlaces(trace, build);
    return trace;
  } catch (error) {
    if (error instanceof Fault)
      throw new Fault(error.code, `Scenario ${scenarioName}: ${error.detail}`, { cause: error });
    throw error;
  } finally {
    removeTemporaryFolder(folder);
  }
}

/** The files, and all folders, are the student's: they work there. */
function placeFiles(folder: string, files: Record<string, string>): void {
  const isGiven = isRoot();
  const give = (name: string): void => {
    if (isGiven) chownSync(name, STUDENT_ID, STUDENT_ID);
  };
  give(folder);
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    const firstMade = mkdirSync(path.dirname(file), { recursive: true });
    if (firstMade !== undefined) {
      for (let inner = path.dirname(file); inner.length >= firstMade.length; inner = path.dirname(inner)) give(inner);
    }
    writeFileSync(file, text);
    give(file);
  }
}
