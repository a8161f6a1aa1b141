import { existsSync } from 'node:fs';
import path from 'node:path';
import { RULES } from '../rules/index.js';
import { findLab } from '../lab/find-lab.js';
import { type Lab, loadLab } from '../lab/load-lab.js';
import { UsageError } from './render-problem.js';

/** The lab that a submission answers. Throws what a user can read. */
export function openLab(submission: string, lab: string | undefined): Lab {
  if (!existsSync(submission)) throw new UsageError(`Expected a folder at ${submission}, found none.`);
  let folder: string;
  try {
    folder = findLab(submission, {
      lab,
      labs: process.env['IPCLAB_LABS'],
      home: import.meta.dirname,
      isOwn: path.resolve(submission) === process.cwd(),
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  return loadLab(folder, RULES);
}
