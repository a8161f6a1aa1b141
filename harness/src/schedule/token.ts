import type {
  CallFault,
  Deviation,
  FaultEffect,
  Injection,
  Placement,
  SignalName,
  Strategy,
} from '@ipclab/native/supervisor';
import { scenarioName } from '../scenario/scenario.js';
import { createSchedule, type Schedule } from './schedule.js';

/**
 * A token is the short text that replays a schedule: `<scenario>~<deviations>~<happenings>~<line>`, for example
 * `order~.0:client1,client1.3:server1~TERM@server1.4b~removed`. Empty parts at the end are left out, so `order` alone is the
 * default order. It holds only characters that no shell treats specially inside a word, so `server#1` is written `server1`,
 * `client#2.1` is written `client2_1`, and its second further thread, `client#2.1+2`, `client2_1+2`.
 *
 *     deviation  <process>.<call>:<process>   where the first would go on with its call, the second moves; `.0:` is the first choice;
 *                                             `client1+signal`: a signal that was sent to it comes before its call
 *     strategy   <name>=<seed>                before the deviations, if others than in the default order move: `random=7`, `pos=7`;
 *                                             `pct=7.2.40`: depth 2, over 40 choices
 *     signal     <signal>@<process>.<call><placement>   without SIG; placement b(efore), e(ntry), k (blocked), a(fter); `INT+@…`: to all;
 *                                             `KILL+client2@…`: to that one, too, at the same moment
 *     fault      <errno>@<process>.<call>     the call fails; RMID: a stranger removes its queue first
 *     absence    -<process>                   is not started
 *     line       id of the line of the score that the schedule breaks
 */
export interface Token extends Pick<Schedule, 'strategy' | 'deviations' | 'injections' | 'faults' | 'absent'> {
  scenario: string;
  line?: string;
}

/** A token that cannot be read. `column` counts characters from 1. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  constructor(
    readonly token: string,
    readonly column: number,
    expected: string,
  ) {
    super(`Expected ${expected} at column ${column} of the token\n  ${token}\n  ${' '.repeat(column - 1)}^`);
  }
}

const LETTERS: Record<Placement, string> = { before: 'b', entry: 'e', blocked: 'k', after: 'a' };
const PLACEMENTS = new Map(Object.entries(LETTERS).map(([placement, letter]) => [letter, placement as Placement]));

export function formatToken(
  scenario: string,
  { strategy, deviations, injections, faults, absent }: Omit<Token, 'scenario' | 'line'>,
  line = '',
): string {
  const parts = [
    scenario,
    [
      ...writeStrategy(strategy),
      ...deviations.map(({ at, call, to }) => `${writeProcess(at)}.${call}:${writeProcess(to)}`),
    ].join(','),
    [
      ...injections.map(
        ({ signal, process, call, placement, group, also = [] }) =>
          `${signal.slice('SIG'.length)}${group ? '+' : ''}${also.map((name) => `+${writeProcess(name)}`).join('')}@${writeProcess(process)}.${call}${LETTERS[placement]}`,
      ),
      ...faults.map(({ process, call, effect }) => `${effect}@${writeProcess(process)}.${call}`),
      ...absent.map((process) => `-${writeProcess(process)}`),
    ].join(','),
    line,
  ];
  return parts.join('~').replace(/~+$/, '');
}

/** Throws a TokenError that names the place. */
export function parseToken(token: string): Token {
  const [scenario = '', deviations = '', happenings = '', line = '', ...rest] = token.split('~');
  if (!scenarioName.safeParse(scenario).success) throw new TokenError(token, 1, 'a scenario name');
  const happeningsAt = scenario.length + deviations.length + 2;
  const lineAt = happeningsAt + happenings.length + 1;
  if (rest.length > 0)
    throw new TokenError(token, lineAt + line.length + 1, 'at most four parts between ~, got another');
  if (!/^(?:[a-z][a-z0-9-]*)?$/.test(line)) throw new TokenError(token, lineAt + 1, 'the id of a line of the score');
  const happened = parseList(happenings).map(({ text, offset }) =>
    parseHappening(new Reader(token, happeningsAt + offset, text)),
  );
  const moves = parseList(deviations).map(
    ({ text, offset }) => [text, new Reader(token, scenario.length + 1 + offset, text)] as const,
  );
  const [first] = moves;
  const strategy = first?.[0].includes('=') ? parseStrategy(first[1]) : undefined;
  return {
    scenario,
    strategy: strategy ?? { kind: 'default' },
    deviations: moves.slice(strategy ? 1 : 0).map(([, each]) => parseDeviation(each)),
    injections: happened.filter((each) => typeof each === 'object' && 'signal' in each),
    faults: happened.filter((each) => typeof each === 'object' && 'effect' in each),
    absent: happened.filter((each) => typeof each === 'string'),
    ...(line ? { line } : {}),
  };
}

/** The schedule that a token stands for. */
export function scheduleOfToken({ strategy, deviations, injections, faults, absent }: Token): Schedule {
  return createSchedule({ strategy, deviations, injections, faults, absent });
}

/** A run that nobody held cannot be made again. */
function writeStrategy(strategy: Strategy): string[] {
  if (strategy.kind === 'default' || strategy.kind === 'free') return [];
  const { kind, seed } = strategy;
  return [`${kind}=${kind === 'pct' ? [seed, strategy.depth, strategy.choices].join('.') : seed}`];
}

function writeProcess(name: string): string {
  return name.replace('#', '').replaceAll('.', '_');
}

function parseList(part: string): { text: string; offset: number }[] {
  let next = 0;
  return part === ''
    ? []
    : part.split(',').map((text) => {
        const offset = next;
        next += text.length + 1;
        return { text, offset };
      });
}

/** Takes one piece after the other off a text, and knows where it is in the token. */
class Reader {
  constructor(
    private readonly token: string,
    private offset: number,
    private text: string,
  ) {}
  take(pattern: RegExp, expected: string): RegExpMatchArray {
    const match = this.text.match(pattern);
    if (!match) this.fail(expected);
    this.text = this.text.slice(match[0].length);
    this.offset += match[0].length;
    return match;
  }
  takeNumber(expected: string, min: number, max: number): number {
    const value = Number(this.text.match(/^\d+/)?.[0] ?? Number.NaN);
    if (!(value >= min && value <= max)) this.fail(expected);
    this.take(/^\d+/, expected);
    return value;
  }
  end(): void {
    if (this.text !== '') this.fail('a comma, ~ or the end');
  }
  private fail(expected: string): never {
    throw new TokenError(this.token, this.offset + 1, expected);
  }
}

// A role ends in a letter, so its number is what follows the last letter.
const PROCESS = /^([a-z](?:[a-z0-9-]*[a-z])?)([1-9]\d*(?:_[1-9]\d*)*)(?:\+([1-9]\d*|signal))?(?![a-z0-9_-])/;
const MAX_CALL = 999_999_999;
const MAX_DEPTH = 100;
const MAX_SEED = 2 ** 32 - 1;

function takeProcess(reader: Reader, expected = 'a process, such as server1'): string {
  const [, role, numbers, thread] = reader.take(PROCESS, expected);
  return `${role}#${numbers!.replaceAll('_', '.')}${thread ? `+${thread}` : ''}`;
}

function parseDeviation(reader: Reader): Deviation {
  const first = reader.take(/^(?:\.0(?=:))?/, '')[0] !== '';
  const at = first ? '' : takeProcess(reader, 'a process, such as server1, or .0 for the first choice');
  const call = first ? 0 : takeCall(reader);
  reader.take(/^:/, 'a colon');
  const to = takeProcess(reader);
  reader.end();
  return { at, call, to };
}

function parseStrategy(reader: Reader): Strategy {
  const [, kind] = reader.take(/^(random|pos|pct)=/, 'random=, pos= or pct= before a seed');
  const seed = reader.takeNumber('a seed of 32 bits', 0, MAX_SEED);
  if (kind !== 'pct') {
    reader.end();
    return { kind: kind as 'random' | 'pos', seed };
  }
  reader.take(/^\./, 'a dot and the depth');
  const depth = reader.takeNumber(`a depth from 1 to ${MAX_DEPTH}`, 1, MAX_DEPTH);
  reader.take(/^\./, 'a dot and the number of choices');
  const choices = reader.takeNumber('the number of choices, from 1', 1, MAX_CALL);
  reader.end();
  return { kind, seed, depth, choices };
}

/** A signal, a fault, or the name of a process that is absent. */
function parseHappening(reader: Reader): Injection | CallFault | string {
  if (reader.take(/^-?/, '')[0] !== '') {
    const absent = takeProcess(reader);
    reader.end();
    return absent;
  }
  const [what] = reader.take(
    /^[A-Z][A-Z0-9]*/,
    'a signal without SIG, such as TERM, an errno, such as ENOSPC, or RMID',
  );
  const also: string[] = [];
  while (reader.take(/^(?:\+(?!@))?/, '')[0] !== '') also.push(takeProcess(reader));
  const group = reader.take(/^\+?@/, 'an @')[0] === '+@';
  const process = takeProcess(reader);
  const call = takeCall(reader);
  if (!group && also.length === 0 && (what === 'RMID' || what.startsWith('E'))) {
    reader.end();
    return { process, call, effect: what as FaultEffect };
  }
  const [letter] = reader.take(/^[beka]/, 'a placement: b (before), e (entry), k (blocked) or a (after)');
  reader.end();
  const signal: SignalName = `SIG${what}`;
  return {
    signal,
    process,
    call,
    placement: PLACEMENTS.get(letter)!,
    ...(group ? { group: true } : {}),
    ...(also.length > 0 ? { also } : {}),
  };
}

function takeCall(reader: Reader): number {
  reader.take(/^\./, 'a dot and the number of a call');
  return reader.takeNumber('the number of a call', 0, MAX_CALL);
}
