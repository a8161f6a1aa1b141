import * as fc from 'fast-check';
import { readFields, sizeOfFields } from '../../src/model/layout.js';

/** The lecture's struct, without its mtype. */
const pirate = { name: 'char[30]', ship_type: 'char', notoriety: 'int', cruelty: 'int', booty_value: 'int' };

test('fields lie as C lays them out', () => {
  // As gcc has it: offsets 0, 30, 32, 36, 40; 44 bytes.
  const bytes = Buffer.alloc(44);
  bytes.write('Blackbeard', 0);
  bytes.writeInt8(66, 30);
  bytes.writeInt32LE(10, 32);
  bytes.writeInt32LE(-9, 36);
  bytes.writeInt32LE(100_000, 40);
  expect(sizeOfFields(pirate)).toBe(44);
  expect(readFields(bytes, pirate)).toEqual({
    name: 'Blackbeard',
    ship_type: 66,
    notoriety: 10,
    cruelty: -9,
    booty_value: 100_000,
  });
});

test('a struct ends with padding, so that an array of it is aligned', () => {
  expect(sizeOfFields({ flag: 'char', value: 'double', rest: 'short' })).toBe(24);
  expect(sizeOfFields({ text: 'char[5]' })).toBe(5);
  expect(sizeOfFields({})).toBe(0);
});

test.each([
  ['char', [0xff], -1],
  ['unsigned char', [0xff], 255],
  ['int8', [0x80], -128],
  ['uint8', [0x80], 128],
  ['short', [0xfe, 0xff], -2],
  ['unsigned short', [0xfe, 0xff], 65_534],
  ['int16', [1, 2], 513],
  ['uint16', [1, 0x82], 33_281],
  ['int', [0xfd, 0xff, 0xff, 0xff], -3],
  ['unsigned int', [0xfd, 0xff, 0xff, 0xff], 4_294_967_293],
  ['int32', [1, 0, 0, 0], 1],
  ['uint32', [0, 0, 0, 0x80], 2_147_483_648],
  ['long', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -1],
  ['unsigned long', [0, 0, 0, 0, 1, 0, 0, 0], 4_294_967_296],
  ['int64', [0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], -4_294_967_296],
  ['uint64', [5, 0, 0, 0, 0, 0, 0, 0], 5],
  ['float', [0, 0, 0xc0, 0x3f], 1.5],
  ['double', [0, 0, 0, 0, 0, 0, 0xf8, 0xbf], -1.5],
])('%s is read from its bytes', (type, bytes, value) => {
  expect(readFields(Uint8Array.from(bytes), { field: type })).toEqual({ field: value });
});

test('arrays are lists, arrays of char are texts up to their NUL', () => {
  const bytes = Uint8Array.from([104, 105, 0, 88, 1, 0, 0, 0, 2, 0, 0, 0]);
  expect(readFields(bytes, { text: 'char[4]', numbers: 'int[2]' })).toEqual({ text: 'hi', numbers: [1, 2] });
  expect(readFields(bytes.subarray(0, 2), { text: 'char[4]' })).toEqual({ text: 'hi' });
  expect(readFields(Uint8Array.from([0xff]), { text: 'char[1]' })).toEqual({ text: '\uFFFD' });
});

test('a message that is too short has the fields that it holds', () => {
  const fields = { first: 'int', second: 'int', text: 'char[8]' };
  expect(readFields(Uint8Array.from([7, 0, 0, 0, 8, 0]), fields)).toEqual({ first: 7 });
  expect(readFields(new Uint8Array(8), fields)).toEqual({ first: 0, second: 0 });
  expect(readFields(new Uint8Array(), fields)).toEqual({});
});

test('no bytes of a student break the reading', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(Object.keys(pirate)).toEqual(expect.arrayContaining(Object.keys(readFields(bytes, pirate))));
    }),
  );
});

test('what is no C type is refused', () => {
  expect(() => readFields(new Uint8Array(), { field: 'string' })).toThrow(
    'Expected a C type for field field, got string',
  );
});
