import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createReport } from '../report/samples.js';
import { runCli } from './cli.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-compare-'));
const write = (name: string, text: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
const report = createReport({});
const good = write('good.json', JSON.stringify(report));
const failed = write('failed.json', JSON.stringify(createReport({ verdict: 'fail', points: 0 })));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('ipclab compare says by its exit code whether two results say the same', () => {
  expect(runCli(['compare', good, good])).toEqual({
    code: 0,
    stdout: 'Both say the same.\nSo do the fingerprints.\n',
    stderr: '',
  });
  expect(runCli(['compare', good, failed])).toMatchObject({ code: 1, stderr: '' });
});

test.each([
  ['no JSON', write('broken.json', '{'), /^ipclab: Expected the JSON of a result in .*broken\.json: /],
  [
    'something else',
    write('other.json', '[]'),
    /^ipclab: Expected a result of version \d+ in .*other\.json, got something without a version\.\n$/,
  ],
  [
    'an old result',
    write('old.json', '{"version":1}'),
    /^ipclab: Expected a result of version \d+ in .*old\.json, got version 1\.\n$/,
  ],
  [
    'a damaged result',
    write('damaged.json', JSON.stringify({ ...report, seed: 'x' })),
    /^ipclab: .*damaged\.json: at seed: /,
  ],
])('%s is told, with exit code 2', (_, file, message) => {
  const { code, stdout, stderr } = runCli(['compare', good, file]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});
