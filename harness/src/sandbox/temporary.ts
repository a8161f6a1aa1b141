import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Fault } from '../fault.js';
import { checkOwner, getOwner, type Owner } from './owner.js';
import { removeTree } from './remove-tree.js';

/**
 * Temporary folders. All of a process's are below one, whose name says which process it belongs to: it is removed when the
 * process exits or a signal ends it, and if that could not be (kill -9, power cut), by the next start of any of ours.
 *
 * Others may pass through these folders but not list them: the processes of a run have a user of their own.
 */
const PASS_THROUGH = 0o711;
const NAME = /^ipclab-([0-9a-f]{8})-(\d+)-(\d+)-(\d+)-\w{6}$/;
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let root: string | undefined;
let created = 0;
const endings = new Set<() => void>();

/** Makes a new folder and answers its absolute path. Throws a Fault. */
export function createTemporaryFolder(purpose: string): string {
  try {
    const folder = path.join(getRoot(), `${purpose}-${created++}`);
    mkdirSync(folder);
    chmodSync(folder, PASS_THROUGH);
    return folder;
  } catch (error) {
    throw new Fault(
      'folder',
      `Expected to be able to write in ${tmpdir()}: ${(error as Error).message}. Set TMPDIR to another folder.`,
      {
        cause: error,
      },
    );
  }
}

export function removeTemporaryFolder(folder: string): void {
  try {
    removeTree(folder);
  } catch (error) {
    throw new Fault('folder', `${folder}: ${(error as Error).message}.`, { cause: error });
  }
}

/** Removes everything that this process has in temporary folders; a later call of createTemporaryFolder begins afresh. */
export function removeTemporaryRoot(): void {
  if (root === undefined) return;
  const folder = root;
  root = undefined;
  process.off('exit', endQuietly);
  for (const signal of ENDING_SIGNALS) process.off(signal, endBySignal);
  removeTree(folder);
}

/** Has `end` called before the folders go, when the process ends. Answers how to take that back. */
export function beforeTheEnd(end: () => void): () => void {
  endings.add(end);
  return () => void endings.delete(end);
}

/** Removes the folders of processes that are no more. Answers how many. */
export function sweepTemporaryFolders(parent = tmpdir(), self = getOwner()): number {
  let swept = 0;
  for (const name of readdirSync(parent)) {
    const owner = parseName(name);
    if (!owner || checkOwner(owner, self) !== 'gone') continue;
    try {
      const folder = path.join(parent, name);
      const status = lstatSync(folder);
      if (!status.isDirectory() || status.uid !== process.geteuid?.()) continue;
      removeTree(folder);
      swept++;
    } catch {
      // Another process sweeps at the same time, or will.
    }
  }
  return swept;
}

function getRoot(): string {
  if (root !== undefined) return root;
  sweepTemporaryFolders();
  const { boot, pidNamespace, pid, startTicks } = getOwner();
  root = mkdtempSync(path.join(tmpdir(), `ipclab-${boot}-${pidNamespace}-${pid}-${startTicks}-`));
  chmodSync(root, PASS_THROUGH);
  process.on('exit', endQuietly);
  for (const signal of ENDING_SIGNALS) process.on(signal, endBySignal);
  return root;
}

function parseName(name: string): Owner | undefined {
  const [, boot, pidNamespace, pid, startTicks] = NAME.exec(name) ?? [];
  return boot && pidNamespace && pid && startTicks ? { boot, pidNamespace, pid: Number(pid), startTicks } : undefined;
}

function endQuietly(): void {
  for (const end of endings) end();
  try {
    removeTemporaryRoot();
  } catch {
    // The next start sweeps.
  }
}

function endBySignal(signal: NodeJS.Signals): void {
  // Whoever else listens decides what the signal means; then 'exit' cleans up.
  if (process.listenerCount(signal) > 1) return;
  endQuietly();
  process.kill(process.pid, signal);
}
