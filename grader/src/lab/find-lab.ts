import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';

/** Where labs may be, beside the folders above the submission. */
export interface LabPlaces {
  /** Of `--lab`: an id, or a folder with a lab.yaml. */
  lab?: string | undefined;
  /** Folders of labs, as PATH: `IPCLAB_LABS`. */
  labs?: string | undefined;
  /** The folder that this package is in, whose repository may hold labs. */
  home: string;
  /**
   * May a lab in the submission itself count? Only for who works in it: a stranger's would judge the stranger, and its rules run with our
   * rights.
   */
  isOwn?: boolean;
}

const LAB_ID = /^[a-z0-9][a-z0-9-]*$/;

/**
 * The folder of the lab that a submission answers: `--lab`, or `ipclab.lab` in its package.json, or its own lab.yaml.
 * An id is looked for as labs/<id>/lab.yaml in IPCLAB_LABS, above the submission, and in this repository.
 */
export function findLab(submission: string, { lab, labs, home, isOwn = false }: LabPlaces): string {
  const folder = resolve(submission);
  if (lab !== undefined && hasLab(lab)) return resolve(lab);
  const id = lab ?? readLabOfPackage(folder);
  // A lab's own folder is a submission too: the skeleton, in which a student works.
  const trusted = [...splitPath(labs), ...foldersAbove(home)];
  const isTrusted = isOwn || listPlaces(trusted, basename(folder)).includes(folder);
  if (id === undefined && hasLab(folder) && isTrusted) return folder;
  if (lab === undefined && id !== undefined && !LAB_ID.test(id))
    throw new Error(
      `Expected "ipclab": { "lab": … } in the package.json of ${submission} to be an id, such as 02-mtype-dispatch, got ${JSON.stringify(id)}. Give --lab <id or folder>.`,
    );
  const roots = [...splitPath(labs), ...foldersAbove(folder), ...foldersAbove(home)];
  // Samples are kept as <lab>/<submission>.
  const places = listPlaces(roots, id ?? basename(dirname(folder)));
  const found = places.find((place) => hasLab(place) && (isTrusted || place !== folder));
  if (found !== undefined) return found;
  if (hasLab(folder) && lab === undefined)
    throw new Error(
      `Expected to be told which lab ${submission} answers: it brings a lab.yaml of its own. Give --lab <id or folder>; --lab ${submission} if you trust that one.`,
    );
  throw new Error(
    id === undefined
      ? `Expected ${submission} to say which lab it answers, but its package.json has no "ipclab": { "lab": … }. Give --lab <id or folder>.`
      : `Expected a lab ${id}, but there is no labs/${id}/lab.yaml above ${submission} or in IPCLAB_LABS. Give --lab <folder>.`,
  );
}

/** Ids of the labs that can be given by their id alone, in order. */
export function listLabs({ labs, home }: Omit<LabPlaces, 'lab'>): string[] {
  const places = [...splitPath(labs), ...foldersAbove(home).map((folder) => join(folder, 'labs'))];
  const found = places.flatMap((place) =>
    existsSync(place) ? readdirSync(place).filter((name) => hasLab(join(place, name))) : [],
  );
  return [...new Set(found)].toSorted();
}

const splitPath = (labs = ''): string[] => labs.split(delimiter).filter(Boolean);

/** Where a lab of that name may be below these folders; absolute. */
const listPlaces = (roots: readonly string[], name: string): string[] =>
  roots.flatMap((root) => [resolve(root, name), resolve(root, 'labs', name)]);

const hasLab = (folder: string): boolean => existsSync(join(folder, 'lab.yaml'));

function readLabOfPackage(folder: string): string | undefined {
  try {
    const { ipclab } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { ipclab?: { lab?: unknown } };
    return typeof ipclab?.lab === 'string' ? ipclab.lab : undefined;
  } catch {
    // A submission needs no package.json, and a broken one is the student's, not ours.
    return undefined;
  }
}

function foldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}
