import { readFileSync } from 'node:fs';
import type { CallName } from '@ipclab/native/supervisor';
import { parse } from 'yaml';
import { RULES } from '../../src/rules/index.js';
import { ANY_CALL } from '../../src/rules/tested.js';
import { toldCounts } from '../../src/rules/told-counts.js';
import { output } from '../../src/rules/output.js';
import { stopsOnSignal } from '../../src/rules/stops-on-signal.js';
import { noBusyWait } from '../../src/rules/no-busy-wait.js';
import { queuesRemoved } from '../../src/rules/queues-removed.js';
import { noOrphans } from '../../src/rules/no-orphans.js';
import { TraceBuilder } from './trace-builder.js';

const readme = readFileSync(new URL('../../src/rules/README.md', import.meta.url), 'utf8');
const examples = parse(/```yaml\n([^]*?)```/.exec(readme)![1]!) as { rule: string; with: unknown }[];
const ROLES = ['server', 'client', 'main', 'sender', 'receiver', 'producer', 'consumer', 'daemon', 'importer'];

test('processes that do nothing put no rule to the test', () => {
  const builder = new TraceBuilder();
  for (const role of ROLES) builder.exit(builder.start(`${role}#1`));
  const met = examples.filter(({ rule, with: given }) => {
    const { tested = ANY_CALL, parameters } = RULES.find(({ name }) => name === rule)!;
    return tested.isIn(builder.run(), parameters.parse(given));
  });
  expect(met.map(({ rule }) => rule)).toEqual([]);
});

test('told-counts: a line that tells a number', () => {
  const parameters = toldCounts.parameters.parse({ role: 'receiver', line: 'balance {debit} {credit}' });
  const isTested = (text: string): boolean => {
    const builder = new TraceBuilder();
    builder.print(builder.start('receiver#1'), text);
    return toldCounts.tested!.isIn(builder.run(), parameters);
  };
  expect([isTested('balance 1 1\n'), isTested('counted 2\n'), isTested('')]).toEqual([true, false, false]);
});

test('output: only of who ends as the line wants it', () => {
  const parameters = output.parameters.parse({ role: 'server', lines: ['/.+/'], stream: 'stderr', ifExit: 1 });
  const isTested = (code: number): boolean => {
    const builder = new TraceBuilder();
    const server = builder.start('server#1');
    builder.call(server, 'msgget');
    builder.exit(server, code);
    return output.tested!.isIn(builder.run(), parameters);
  };
  expect([isTested(0), isTested(1)]).toEqual([false, true]);
});

test('stops-on-signal: a handler of that role, for that signal', () => {
  const parameters = stopsOnSignal.parameters.parse({ role: 'daemon', signals: ['SIGTERM'] });
  const isTested = (role: string, action: 'handler' | 'killed'): boolean => {
    const builder = new TraceBuilder();
    const process = builder.start(`${role}#1`);
    builder.call(process, 'msgget');
    builder.signal(process, action);
    return stopsOnSignal.tested!.isIn(builder.run(), parameters);
  };
  expect([isTested('daemon', 'handler'), isTested('daemon', 'killed'), isTested('ctl', 'handler')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('queues-removed: a queue, and a message where none may be in it', () => {
  const isTested = (given: object, sends: boolean): boolean => {
    const builder = new TraceBuilder();
    const main = builder.start('main#1');
    const queue = builder.queue(main);
    builder.call(main, 'msgget', {}, { queue });
    if (sends) builder.send(main, queue, 1);
    return queuesRemoved.tested!.isIn(builder.run(), queuesRemoved.parameters.parse(given));
  };
  expect([isTested({}, false), isTested({ early: 'never' }, false), isTested({ early: 'never' }, true)]).toEqual([
    true,
    false,
    true,
  ]);
});

test('no-busy-wait: a call that can wait', () => {
  const isTested = (name: CallName): boolean => {
    const builder = new TraceBuilder();
    builder.call(builder.start('main#1'), name);
    return noBusyWait.tested!.isIn(builder.run(), noBusyWait.parameters.parse({}));
  };
  expect([isTested('msgget'), isTested('msgrcv')]).toEqual([false, true]);
});

test('no-orphans: a child', () => {
  const builder = new TraceBuilder();
  const parent = builder.start('main#1');
  expect(noOrphans.tested!.isIn(builder.run(), noOrphans.parameters.parse({}))).toBe(false);
  builder.start('main#1.1', parent);
  expect(noOrphans.tested!.isIn(builder.run(), noOrphans.parameters.parse({}))).toBe(true);
});
