import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { struct, type StructFields } from '../src/struct.js';

const pirate = struct({ name: 'char[30]', ship_type: 'char', notoriety: 'int', cruelty: 'int', booty_value: 'int' });

describe('layout', () => {
  // The names of C for what our names say.
  const C_TYPES: Record<string, string> = { int8: 'int8_t', uint16: 'uint16_t', int32: 'int32_t', uint64: 'uint64_t' };
  const declare = (fields: StructFields): string =>
    Object.entries(fields)
      .map(([name, type]) => {
        if (typeof type === 'object') return `struct { ${declare(type)} } ${name};`;
        const [, item, array = ''] = /^(.*?)(\[\d+\])?$/.exec(type)!;
        return `${C_TYPES[item!] ?? item} ${name}${array};`;
      })
      .join(' ');
  const STRUCTS: StructFields[] = [
    { name: 'char[30]', ship_type: 'char', notoriety: 'int', cruelty: 'int', booty_value: 'int' },
    { data: 'int' },
    { a: 'char', b: 'long', c: 'char' },
    { a: 'char', b: 'short', c: 'char', d: 'double', e: 'float' },
    { a: 'int8', b: 'uint16[3]', c: 'int32', d: 'uint64[2]', e: 'char[5]' },
    { a: 'char', inner: { x: 'char', y: 'int', text: 'char[3]' }, b: 'char' },
    { a: 'unsigned char', b: 'unsigned short', c: 'unsigned int', d: 'unsigned long' },
    { a: 'char[1]', b: 'double[2]', c: 'char' },
    { only: 'char' },
  ];

  test('has the sizes and offsets of the C compiler', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-test-'));
    try {
      const prints = STRUCTS.map((fields, index) => {
        const offsets = Object.keys(fields).map((name) => `printf(" %zu", offsetof(struct s${index}, ${name}));`);
        return `printf("%zu", sizeof(struct s${index})); ${offsets.join(' ')} puts("");`;
      });
      const structs = STRUCTS.map((fields, index) => `struct s${index} { ${declare(fields)} };`);
      const source = `#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n${structs.join('\n')}\nint main(void) { ${prints.join('\n')} return 0; }\n`;
      writeFileSync(path.join(folder, 'sizes.c'), source);
      execFileSync('cc', ['-o', path.join(folder, 'sizes'), path.join(folder, 'sizes.c')]);
      const told = execFileSync(path.join(folder, 'sizes'), { encoding: 'utf8' }).trim().split('\n');
      const ours = STRUCTS.map((fields) => {
        const { sizeBytes, offsets } = struct(fields);
        return [sizeBytes, ...Object.values(offsets)].join(' ');
      });
      expect(ours).toEqual(told);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('values', () => {
  test('come back as they went in', () => {
    const jack = { name: 'Jack Sparrow', ship_type: 66, notoriety: 9, cruelty: 2, booty_value: -5 };
    expect(pirate.unpack(pirate.pack(jack))).toEqual(jack);
    expect(pirate.pack(jack).length).toBe(44);
  });

  test('padding and what follows a text are zero', () => {
    const bytes = struct({ a: 'char', b: 'int', text: 'char[4]' }).pack({ a: 1, b: -1, text: 'x' });
    expect([...bytes]).toEqual([1, 0, 0, 0, 255, 255, 255, 255, 120, 0, 0, 0]);
  });

  test('a text as long as its array has no NUL, and one that is shorter ends at it', () => {
    const text = struct({ text: 'char[3]' });
    expect(text.unpack(text.pack({ text: 'abc' }))).toEqual({ text: 'abc' });
    expect(text.unpack(Buffer.from('a\0c'))).toEqual({ text: 'a' });
  });

  test('a char may be given as a letter', () => {
    expect(struct({ c: 'char' }).pack({ c: 'B' })).toEqual(Buffer.from('B'));
  });

  test('64-bit numbers are numbers where that is exact, else bigints', () => {
    const wide = struct({ small: 'long', large: 'uint64' });
    expect(wide.unpack(wide.pack({ small: -7n, large: 2n ** 64n - 1n }))).toEqual({ small: -7, large: 2n ** 64n - 1n });
  });

  test('bytes may lie anywhere in a larger buffer', () => {
    const two = struct({ a: 'short', b: 'int' });
    const bytes = Buffer.concat([Buffer.from('xyz'), two.pack({ a: 1, b: 2 })]);
    expect(two.unpack(bytes.subarray(3))).toEqual({ a: 1, b: 2 });
  });

  test('every struct of integers, text and structs comes back', () => {
    const inner = struct({ id: 'int', ratio: 'double', tags: 'uint16[3]', nested: { flag: 'uint8', text: 'char[8]' } });
    const text = fc.string({ maxLength: 8 }).filter((each) => !each.includes('\0') && Buffer.from(each).length <= 8);
    const value = fc.record({
      id: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      ratio: fc.double({ noNaN: true }),
      tags: fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 3, maxLength: 3 }),
      nested: fc.record({ flag: fc.integer({ min: 0, max: 255 }), text }),
    });
    fc.assert(fc.property(value, (given) => expect(inner.unpack(inner.pack(given))).toEqual(given)));
  });
});

describe('wrong use names the field and the value', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a text that is too long',
      () => pirate.pack({ name: 'x'.repeat(31), ship_type: 0, notoriety: 0, cruelty: 0, booty_value: 0 }),
      'Expected field name (char[30]) to have at most 30 bytes, got 31',
    ],
    [
      'a number that does not fit',
      () => struct({ a: 'uint8' }).pack({ a: 256 }),
      'Expected field a (uint8) to be from 0 to 255, got 256',
    ],
    ['a fraction', () => struct({ a: 'int' }).pack({ a: 1.5 }), 'Expected field a (int) to be an integer, got 1.5'],
    [
      'a missing field',
      () => struct({ a: 'int' }).pack({} as { a: number }),
      'Expected field a (int) to be a number, got undefined',
    ],
    [
      'a field of a struct in the struct',
      () => struct({ in: { b: 'int' } }).pack({ in: { b: 'x' as unknown as number } }),
      'Expected field in.b (int) to be a number, got "x"',
    ],
    [
      'an array of another length',
      () => struct({ a: 'int[2]' }).pack({ a: [1] }),
      'Expected field a (int[2]) to have 2 items, got 1',
    ],
    ['too few bytes', () => pirate.unpack(Buffer.alloc(43)), 'Expected at least 44 bytes of a struct, got 43'],
  ])('%s', (_, attempt, message) => {
    expect(attempt).toThrow(message);
  });

  test('a type that is none', () => {
    expect(() => struct({ a: 'integer' as 'int' })).toThrow(
      /^Expected field a to have a C type \(char, .* got "integer"$/,
    );
  });
});
