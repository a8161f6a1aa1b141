import type { Mover } from '../../src/explore/find-swap.js';
import { describeSwap } from '../../src/score/describe-swap.js';

const server = { process: 'server#1', move: 'msgctl' as const };
const client: Mover = { process: 'client#2', move: 'msgrcv' };
const describeTwo = (first: Mover, second: Mover, isAdjacent: boolean): string =>
  describeSwap({ seq: 3, first, second, isAdjacent });

test.each([
  [
    describeTwo(client, { process: 'client#1', move: 'msgrcv' }, true),
    'It turns on one choice: client#2 went on with msgrcv before client#1 did. The other way round, all is well.',
  ],
  [
    describeTwo(server, client, true),
    'It turns on one choice: server#1 went on with msgctl before client#2 went on with msgrcv. The other way round, all is well.',
  ],
  [
    describeTwo({ process: 'client#1', move: 'start' }, { process: 'client#1+2' }, true),
    'It turns on one choice: client#1 started before client#1+2 moved. The other way round, all is well.',
  ],
  [
    describeTwo(server, client, false),
    'It turns on one choice: server#1 went on with msgctl where client#2 could have moved instead. With client#2 first, all is well.',
  ],
  [
    describeTwo({ process: 'server#1', move: 'pause', signal: true }, { process: 'server#1', move: 'pause' }, false),
    'It turns on one choice: the signal came to server#1 just before pause, not into it. The other way round, all is well.',
  ],
  [
    describeTwo({ process: 'server#1' }, { process: 'server#1', signal: true }, false),
    'It turns on one choice: the signal came to server#1 into its call, not just before it. The other way round, all is well.',
  ],
  [
    describeTwo({ process: 'server#1', move: 'msgrcv', signal: true }, client, false),
    'It turns on one choice: server#1 took a signal just before msgrcv where client#2 could have moved instead. With client#2 first, all is well.',
  ],
])('%s', (text, expected) => {
  expect(text).toBe(expected);
});
