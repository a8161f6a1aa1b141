/**
 * A model of small programs on one System V queue, from the manual pages alone (msgop(2), msgctl(2)): nothing of it is shared with the
 * supervisor. Operations are those of native/test/supervisor/guests/script.c; every program begins with `get`.
 */
export type Program = string[];

interface State {
  /** Next operation of each program. */
  at: number[];
  /** What its operations came to so far. */
  told: string[][];
  /** Has it fallen asleep in its operation (nothing was there when it came to it), and was its queue then removed while nothing was? */
  asleep: ('no' | 'yes' | 'removed')[];
  /** The type that its next operation asks for. */
  waitsFor: number[];
  /** Ids that the programs hold; queues by id: their messages' types in order, or removed. */
  held: (number | undefined)[];
  queues: (number[] | undefined)[];
}

/**
 * All that the programs can come to, as `1 ok EINVAL … | ok`: one part a program, `…` for one that waits for ever.
 * `schedules`: about how many orders of their operations there are (those with the same state are counted, but not gone through, twice).
 */
export function listOutcomes(programs: readonly Program[]): { outcomes: Set<string>; schedules: number } {
  const known = new Map<string, { outcomes: Set<string>; schedules: number }>();
  const visit = (state: State): { outcomes: Set<string>; schedules: number } => {
    const key = JSON.stringify(state);
    const before = known.get(key);
    if (before) return before;
    const outcomes = new Set<string>();
    let schedules = 0;
    for (const [index, program] of programs.entries()) {
      const next = state.at[index]! < program.length ? step(state, index, program) : undefined;
      if (!next) continue;
      const below = visit(next);
      schedules += below.schedules;
      for (const outcome of below.outcomes) outcomes.add(outcome);
    }
    if (schedules === 0) {
      schedules = 1;
      outcomes.add(
        state.told
          .map((told, index) => [...told, ...(state.at[index]! < programs[index]!.length ? ['…'] : [])].join(' '))
          .join(' | '),
      );
    }
    known.set(key, { outcomes, schedules });
    return { outcomes, schedules };
  };
  return visit({
    at: programs.map(() => 0),
    told: programs.map(() => []),
    asleep: programs.map(() => 'no'),
    waitsFor: programs.map(() => 0),
    held: programs.map(() => undefined),
    queues: [],
  });
}

/** The state after that program's next operation; undefined if it has to wait. */
function step(before: State, index: number, program: Program): State | undefined {
  const state = structuredClone(before);
  const { name, type } = parse(program[state.at[index]!]!);
  const queue = getQueue(state, index);
  const finish = (told?: string): State => {
    state.at[index]!++;
    if (told !== undefined) state.told[index]!.push(told);
    const next = parse(program[state.at[index]!] ?? '');
    const has = getQueue(state, index);
    state.waitsFor[index] = next.type;
    state.asleep[index] = next.name === 'rcv' && has && select(has, next.type) < 0 ? 'yes' : 'no';
    return state;
  };
  switch (name) {
    case 'nap':
      return finish();
    case 'get': {
      let id = state.queues.findIndex((each) => each !== undefined);
      if (id < 0) id = state.queues.push([]) - 1;
      state.held[index] = id;
      return finish('ok');
    }
    case 'snd':
      if (!queue) return finish('EINVAL');
      queue.push(type);
      return finish('ok');
    case 'rm': {
      if (!queue) return finish('EINVAL');
      for (const [other, asleep] of state.asleep.entries()) {
        if (asleep !== 'yes' || state.held[other] !== state.held[index]) continue;
        if (select(queue, state.waitsFor[other]!) < 0) state.asleep[other] = 'removed';
      }
      state.queues[state.held[index]!] = undefined;
      return finish('ok');
    }
    default: {
      if (!queue) return finish(state.asleep[index] === 'removed' ? 'EIDRM' : 'EINVAL');
      const at = select(queue, type);
      if (at < 0) return name === 'try' ? finish('ENOMSG') : undefined;
      return finish(String(queue.splice(at, 1)[0]));
    }
  }
}

function parse(operation: string): { name: string; type: number } {
  const [, name = '', argument = ''] = /^([a-z]*)(-?\d*)$/.exec(operation)!;
  return { name, type: Number(argument) };
}

function getQueue(state: State, index: number): number[] | undefined {
  const id = state.held[index];
  return id === undefined ? undefined : state.queues[id];
}

/** The place of the message that msgrcv takes: the first; the first of a type; the first of the lowest type up to −type. */
function select(queue: readonly number[], type: number): number {
  if (type === 0) return queue.length > 0 ? 0 : -1;
  if (type > 0) return queue.indexOf(type);
  const few = queue.filter((each) => each <= -type);
  return few.length === 0 ? -1 : queue.indexOf(Math.min(...few));
}
