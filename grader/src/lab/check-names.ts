import type { LabProblem } from './describe-issue.js';
import { type Path } from './locate.js';
import { renderSuggestion } from './suggest.js';

/** Calls that a gate may wait for: those that the supervisor records. */
const CALLS = (
  'msgget msgsnd msgrcv msgctl shmget shmat shmdt shmctl semget semop semctl fork execve wait kill sigaction ' +
  'sigprocmask sigpending sigsuspend sigtimedwait pause alarm sleep poll'
).split(' ');
/** Those that are recorded only where the scenario has `fileCalls`. */
const FILE_CALLS = 'open read write truncate close rename link symlink unlink mkdir rmdir getdents'.split(' ');

// signal(7), the standard signals.
const SIGNALS = (
  'SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM ' +
  'SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU'
).split(' ');

/**
 * Checks every name that stands for something elsewhere: roles, processes, rules, scenarios, calls, signals, ids.
 * Works on the file as written, however wrong, so that these problems are told together with those of the schema.
 */
export function checkNames(file: unknown, ruleNames: readonly string[], areRulesKnown = true): LabProblem[] {
  const problems: LabProblem[] = [];
  const expect = (what: string, name: unknown, known: readonly string[], path: Path) => {
    if (typeof name !== 'string' || known.includes(name)) return;
    problems.push({ path, at: 'value', message: `Unknown ${what} ${name}${renderSuggestion(name, known)}` });
  };
  const roles = Object.keys(asMap(at(file, 'roles')));
  const scenarios = asMap(at(file, 'scenarios'));

  for (const [name, scenario] of Object.entries(scenarios)) {
    const path = ['scenarios', name];
    const started: string[] = [];
    for (const [index, entry] of asList(at(scenario, 'start')).entries()) {
      const role = at(entry, 'role');
      expect('role', role, roles, [...path, 'start', index, 'role']);
      const before = started.filter((process) => process.startsWith(`${String(role)}#`)).length;
      const count = at(entry, 'count');
      for (let number = 1; number <= (typeof count === 'number' ? Math.min(count, 100) : 1); number++)
        started.push(`${String(role)}#${before + number}`);
    }
    const expectProcess = (process: unknown, where: Path) => {
      // A role that is misspelt where it is started is told there. A forked child is not started here; its parent is.
      if (started.some((other) => !roles.includes(other.replace(/#.*$/, '')))) return;
      if (typeof process === 'string' && started.includes(process.replace(/\..*$/, ''))) return;
      expect('process', process, started, where);
    };
    for (const [index, entry] of asList(at(scenario, 'start')).entries()) {
      const after = at(entry, 'after');
      expectProcess(at(after, 'process'), [...path, 'start', index, 'after', 'process']);
      const seen = at(scenario, 'fileCalls') === true ? [...CALLS, ...FILE_CALLS] : CALLS;
      expect('call', at(after, 'call'), seen, [...path, 'start', index, 'after', 'call']);
      for (const [place, process] of asList(at(after, 'ends')).entries())
        expectProcess(process, [...path, 'start', index, 'after', 'ends', place]);
      if (typeof at(after, 'ends') === 'string')
        expectProcess(at(after, 'ends'), [...path, 'start', index, 'after', 'ends']);
    }
    for (const list of ['stop', 'signals'])
      for (const [index, entry] of asList(at(scenario, list)).entries()) {
        expectProcess(at(entry, 'process'), [...path, list, index, 'process']);
        expect('signal', at(entry, 'signal'), SIGNALS, [...path, list, index, 'signal']);
      }
  }

  const ids = new Set<unknown>();
  for (const [index, line] of asList(at(file, 'rules')).entries()) {
    if (areRulesKnown) expect('rule', at(line, 'rule'), ruleNames, ['rules', index, 'rule']);
    for (const [place, scenario] of asList(at(line, 'scenarios')).entries())
      expect('scenario', scenario, Object.keys(scenarios), ['rules', index, 'scenarios', place]);
    const id = at(line, 'id');
    if (typeof id === 'string' && ids.has(id))
      problems.push({
        path: ['rules', index, 'id'],
        at: 'value',
        message: `Expected each rule to have an id of its own, got ${id} again`,
      });
    ids.add(id);
  }
  return problems;
}

const asMap = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const at = (value: unknown, key: string): unknown => asMap(value)[key];
