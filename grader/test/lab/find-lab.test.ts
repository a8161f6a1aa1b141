import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLab } from '../../src/lab/find-lab.js';

let root: string;
const place = (path: string, text: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ipclab-find-lab-'));
  place('course/labs/01-hello/lab.yaml', '');
  place('course/labs/02-other/lab.yaml', '');
  place('elsewhere/03-far/lab.yaml', '');
  place('course/ann/package.json', '{ "ipclab": { "lab": "01-hello" } }');
  place('course/samples/02-other/pass-it/main.ts', '');
  place('course/bob/package.json', '{ broken');
});
afterAll(() => rmSync(root, { recursive: true }));

const find = (submission: string, lab?: string, labs?: string): string =>
  findLab(join(root, submission), { lab, labs, home: '/' }).replace(root, '');

describe('the lab of a submission', () => {
  test('is the one of its package.json, found above it', () => {
    expect(find('course/ann')).toBe('/course/labs/01-hello');
  });
  test('is the one that --lab names, by id or by folder', () => {
    expect(find('course/ann', '02-other')).toBe('/course/labs/02-other');
    expect(find('course/ann', join(root, 'elsewhere/03-far'))).toBe('/elsewhere/03-far');
  });
  test('is found in IPCLAB_LABS', () => {
    expect(find('course/ann', '03-far', join(root, 'elsewhere'))).toBe('/elsewhere/03-far');
  });
  test('is itself, if it has a lab.yaml, for who works in it, and says so otherwise', () => {
    const submission = join(root, 'course/labs/02-other');
    expect(findLab(submission, { home: '/', isOwn: true })).toBe(submission);
    expect(findLab(submission, { lab: submission, home: '/' })).toBe(submission);
    expect(() => findLab(submission, { home: '/' })).toThrow(/it brings a lab.yaml of its own. Give --lab/);
  });
  test('is not what a stranger brings along', () => {
    place('course/eve/lab.yaml', '');
    place('course/eve/inner/lab.yaml', '');
    for (const id of ['eve/inner', './eve', '../course/eve', join(root, 'course/eve')]) {
      place('course/eve/package.json', JSON.stringify({ ipclab: { lab: id } }));
      expect(() => find('course/eve')).toThrow(/to be an id, such as 02-mtype-dispatch/);
    }
    place('course/eve/package.json', '{ "ipclab": { "lab": "eve" } }');
    expect(() => find('course/eve')).toThrow(/it brings a lab.yaml of its own/);
  });
  test('is that of the folder that it is kept in', () => {
    expect(find('course/samples/02-other/pass-it')).toBe('/course/labs/02-other');
  });
  test('is asked for if nothing says which', () => {
    expect(() => find('course/bob')).toThrow(/to say which lab it answers.*Give --lab/);
    expect(() => find('course/ann', '09-none')).toThrow(
      /Expected a lab 09-none, but there is no labs\/09-none\/lab.yaml/,
    );
  });
});
