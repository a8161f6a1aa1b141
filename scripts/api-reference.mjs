// Writes docs/api.md, the reference of @ipclab/native, from its declarations and their docstrings. A test holds it current.
//   node scripts/api-reference.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';

const declarations = new URL('../native/dist/', import.meta.url);
const file = new URL('../docs/api.md', import.meta.url);

const CHAPTERS = [
  ['Message queues', 'messages', 'const id = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);'],
  ['Message queues without blocking the program', 'promises', "import { promises } from '@ipclab/native';"],
  ['Structs', 'struct', "const pirate = struct({ name: 'char[30]', ship_type: 'char', notoriety: 'int' });"],
  ['Keys', 'keys'],
  ['Processes', 'processes'],
  ['Wait statuses', 'wait-status'],
  ['Signals', 'signals'],
  ['Sets of signals', 'signal-set'],
  ['Names of signals', 'signal-names'],
  ['Shared memory', 'shared-memory'],
  ['Semaphores', 'semaphores'],
  ['Owners and permissions', 'permissions'],
  ['Errors', 'errors'],
];

const FACE = [
  '# API of @ipclab/native',
  '',
  'What a program of a lab imports. Names, arguments and errors are those of the C library; the section of the manual is named with each.',
  'Calls that fail throw a [SystemError](#systemerror); only calls with a wrong kind of argument throw a TypeError or RangeError.',
  '',
  'Written by `node scripts/api-reference.mjs` from the docstrings.',
  '',
];

const index = read('index');
const text = [...FACE, ...CHAPTERS.flatMap(writeChapter), ...writeConstants()].join('\n').replaceAll(/\n{3,}/g, '\n\n');
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/api.md is not what the docstrings say. Run: node scripts/api-reference.mjs');
  process.exitCode = 1;
}

function read(module) {
  return readFileSync(new URL(`${module}.d.ts`, declarations), 'utf8');
}

/** What index.ts exports of a module; of `promises`, everything. */
function getExported(module) {
  if (index.includes(`export * as ${module} from './${module}.js'`)) return undefined;
  const names = new Set();
  for (const [, list, from] of index.matchAll(/export (?:type )?\{([^}]*)\} from '\.\/([\w-]+)\.js'/g)) {
    if (from === module) for (const name of list.split(',')) names.add(name.trim().replace(/^type /, ''));
  }
  return names;
}

function writeChapter([title, module, example]) {
  const exported = getExported(module);
  const entries = parse(read(module)).filter(({ name }) => !exported || exported.has(name));
  const shown = example === undefined ? [] : ['', '```ts', example, '```'];
  const prefix = exported ? '' : `${module}.`;
  return [`## ${title}`, ...shown, '', ...entries.flatMap((entry) => writeEntry(entry, prefix))];
}

/** The top-level declarations of a .d.ts file, in order, overloads together: { name, code, doc }. */
function parse(source) {
  const entries = new Map();
  const pattern =
    /(?:^\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?^export (?:declare )?(function|interface|class|type|const) (\w+)[\s\S]*?(?:;|\})(?=\n(?:\/\*\*|export |declare |type |interface |import )|\n?(?![\s\S]))/gm;
  for (const [whole, comment, , name] of source.matchAll(pattern)) {
    const code = whole.slice(whole.indexOf('export ')).replace(/^export (?:declare )?/, '');
    const entry = entries.get(name);
    if (entry) entry.code += `\n${code}`;
    else entries.set(name, { name, code: dropInternal(code), doc: parseDoc(comment ?? '') });
  }
  return [...entries.values()];
}

function dropInternal(code) {
  return code
    .replaceAll(/ *\/\*\* @internal(?:(?!\*\/)[\s\S])*\*\/\n.*\n/g, '')
    .replaceAll(/ *(#private|\[inspect\.custom\].*|constructor\(.*);\n/g, '');
}

function parseDoc(comment) {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  const [summary, ...tags] = lines.join('\n').trim().split(/^@/m);
  return {
    summary: join(summary),
    tags: tags.map((tag) => {
      const [, kind, rest] = /^(\w+)\s*([\s\S]*)$/.exec(tag);
      return { kind, text: join(rest) };
    }),
  };
}

function join(lines) {
  return lines.replaceAll(/(\S)\n\s*(?=\S)/g, '$1 ').trim();
}

function writeEntry({ name, code, doc }, prefix) {
  const list = doc.tags.map(({ kind, text: words }) => {
    if (kind === 'param') {
      const [, parameter, meaning] = /^(\w+)\s*([\s\S]*)$/.exec(words);
      return `- \`${parameter}\`: ${meaning}`;
    }
    return `- *${kind}* ${words}`;
  });
  return [`### ${prefix}${name}`, '', '```ts', code, '```', '', ...(doc.summary ? [doc.summary, ''] : []), ...list, ''];
}

function writeConstants() {
  const declared = read('constants').matchAll(/(?:\/\*\* (.*?) \*\/\n)?export declare const (.*);$/gm);
  const rows = [...declared].flatMap(([, doc, names]) =>
    names.split(', ').map((one) => {
      const [, name, value] = /^(\w+)(?:: [\w ]+)?(?: = (\d+))?$/.exec(one);
      return `| \`${name}\` | ${value ?? constants.signals[name] ?? ''} | ${doc ?? ''} |`;
    }),
  );
  return [
    '## Constants',
    '',
    'Of Linux on x86-64, as its headers have them.',
    '',
    '| name | value | |',
    '|---|---|---|',
    ...rows,
    '',
  ];
}
