import { compareOutput, readSessions, substitutePids } from '../../src/lab-check/handout-session.js';

test('the console blocks of a handout are sessions, with the room of their queues', () => {
  const text = [
    '```sh',
    '$ nothing of it',
    '```',
    '```console',
    '$ ipclab run src/server.ts &',
    '$ ipcs -q        # nothing is left',
    '',
    'a line',
    '```',
    '$ nor of this',
    '```console queueBytes=12',
    '$ echo "# no comment"; echo $?',
    '0',
    '```',
  ].join('\n');
  expect(readSessions(text)).toEqual([
    {
      commands: [
        { line: 5, command: 'ipclab run src/server.ts &', expected: [] },
        { line: 6, command: 'ipcs -q', expected: ['', 'a line'] },
      ],
    },
    { queueBytes: 12, commands: [{ line: 12, command: 'echo "# no comment"; echo $?', expected: ['0'] }] },
  ]);
});

describe('what came is compared with what is shown', () => {
  const compare = (shown: string[], came: string[], pids = new Map<string, string>()) =>
    compareOutput(shown, came.join('\n'), pids);

  test('in any order, whatever the spaces; empty lines and headings of ipcs count for nothing', () => {
    expect(
      compare(
        ['sent 3', 'counted  3'],
        [
          'counted 3',
          '',
          '------ Message Queues --------',
          'key        msqid      owner      perms      used-bytes   messages    ',
          'sent   3',
        ],
      ),
    ).toEqual({ missing: [], surplus: [] });
  });

  test('each line once', () => {
    expect(compare(['HELLO', 'HELLO', '2'], ['HELLO', '3', 'WORLD'])).toEqual({
      missing: ['HELLO', '2'],
      surplus: ['3', 'WORLD'],
    });
  });

  test('a pid stands for the one that came, from then on', () => {
    const pids = new Map<string, string>();
    expect(compare(['4711'], ['29'], pids)).toEqual({ missing: [], surplus: [] });
    expect(substitutePids('kill -INT 4711; sleep 471', pids)).toBe('kill -INT 29; sleep 471');
    expect(compare(['stopping 4711'], ['stopping 30'], pids)).toEqual({
      missing: ['stopping 4711'],
      surplus: ['stopping 30'],
    });
    expect(compare(['4711 (4712)'], ['29 (31)'], pids)).toEqual({ missing: [], surplus: [] });
    expect([...pids]).toEqual([
      ['4711', '29'],
      ['4712', '31'],
    ]);
    expect(compare(['5000 and 5000'], ['1 and 2'])).toEqual({ missing: ['5000 and 5000'], surplus: ['1 and 2'] });
  });

  test('what is a pattern elsewhere is text', () => {
    expect(compare(['a.c (1+1)?'], ['abc 11'])).toEqual({ missing: ['a.c (1+1)?'], surplus: ['abc 11'] });
    expect(compare(['a.c (1+1)?'], ['a.c (1+1)?'])).toEqual({ missing: [], surplus: [] });
  });
});
