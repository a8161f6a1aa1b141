import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkOwner, getOwner } from '../../src/sandbox/owner.js';
import { removeTree } from '../../src/sandbox/remove-tree.js';
import {
  createTemporaryFolder,
  removeTemporaryFolder,
  removeTemporaryRoot,
  sweepTemporaryFolders,
} from '../../src/sandbox/temporary.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'temporary-test-'));
});
afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
  removeTemporaryRoot();
});

const nameOf = ({ boot, pidNamespace, pid, startTicks } = getOwner()): string =>
  `ipclab-${boot}-${pidNamespace}-${pid}-${startTicks}-abcDEF`;

test('a process is told from an earlier one with its pid, from one before the last boot, and from one elsewhere', () => {
  const self = getOwner();
  expect(checkOwner(self, self)).toBe('alive');
  expect(checkOwner({ ...self, startTicks: '1' }, self)).toBe('gone');
  expect(checkOwner({ ...self, pid: 2 ** 22 + 1 }, self)).toBe('gone');
  expect(checkOwner({ ...self, boot: '00000000' }, self)).toBe('gone');
  expect(checkOwner({ ...self, pidNamespace: '1', pid: 2 ** 22 + 1 }, self)).toBe('unknown');
});

test('a sweep removes the folders of the dead and nothing else', () => {
  const self = getOwner();
  const names = {
    alive: nameOf(),
    dead: nameOf({ ...self, startTicks: '1' }),
    elsewhere: nameOf({ ...self, pidNamespace: '1', startTicks: '1' }),
    strange: 'ipclab-notes',
  };
  for (const name of Object.values(names)) mkdirSync(path.join(parent, name, 'run', 'deep'), { recursive: true });
  const link = nameOf({ ...self, startTicks: '2' });
  symlinkSync(path.join(parent, names.strange), path.join(parent, link));

  expect(sweepTemporaryFolders(parent)).toBe(1);
  expect(readdirSync(parent).toSorted()).toEqual([names.alive, names.elsewhere, names.strange, link].toSorted());
});

test('folders are new each time, below one root, and gone with it', () => {
  const first = createTemporaryFolder('run');
  const second = createTemporaryFolder('run');
  expect(path.dirname(first)).toBe(path.dirname(second));
  expect(first).not.toBe(second);
  removeTemporaryFolder(first);
  expect(existsSync(first)).toBe(false);
  removeTemporaryRoot();
  expect(existsSync(path.dirname(second))).toBe(false);
});

test('a folder with closed folders and a nest deeper than any path is removed', () => {
  const folder = path.join(parent, 'run');
  mkdirSync(path.join(folder, 'closed', 'inner'), { recursive: true });
  writeFileSync(path.join(folder, 'closed', 'inner', 'file'), '');
  const nest = 'for i in $(seq 300); do mkdir nested-a-long-name-so-that-the-path-gets-too-long; cd -P nested-a*; done';
  expect(spawnSync('sh', ['-c', nest], { cwd: folder }).status).toBe(0);
  symlinkSync('/usr', path.join(folder, 'link'));
  chmodSync(path.join(folder, 'closed'), 0);
  chmodSync(folder, 0o500);
  removeTree(folder);
  expect(readdirSync(parent)).toEqual([]);
  expect(existsSync('/usr/bin')).toBe(true);
});
