import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SKIPPED = /(^|\/)(node_modules|build|dist|fixtures|reports|\.stryker-tmp)(\/|$)/;

const texts = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.md') && !SKIPPED.test(name),
);

/** As GitHub makes it. */
const toAnchor = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

function hasAnchor(file: string, anchor: string): boolean {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].some(([, heading]) => toAnchor(heading!) === anchor);
}

test('there are texts to check', () => {
  expect(texts).toEqual(expect.arrayContaining(['README.md', 'docs/students.md', 'grader/src/rules/README.md']));
});

test.each(texts)('each link of %s leads somewhere', (name) => {
  const file = path.join(root, name);
  const text = readFileSync(file, 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  const dead = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [target, anchor] = link.split('#') as [string, string | undefined];
      const there = target === '' ? file : path.resolve(path.dirname(file), decodeURI(target));
      return !existsSync(there) || (anchor !== undefined && !hasAnchor(there, anchor));
    });
  expect(dead).toEqual([]);
});
