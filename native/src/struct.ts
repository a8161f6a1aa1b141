/**
 * C structs, laid out as a C compiler does on 64-bit Linux (LP64, little-endian; System V ABI): each field at a multiple of its
 * alignment, the whole a multiple of its largest one. A message's text is such a struct without its `long mtype`; after that
 * 8-byte mtype the offsets are the same as in C's struct with it.
 */

interface Scalar {
  sizeBytes: number;
  read: (view: DataView, at: number) => number | bigint;
  write: (view: DataView, at: number, value: number | bigint) => void;
  /** Inclusive; absent for floating point. */
  range?: readonly [bigint, bigint];
}

const LITTLE = true;
const bits = (count: number, signed: boolean): readonly [bigint, bigint] =>
  signed ? [-(1n << BigInt(count - 1)), (1n << BigInt(count - 1)) - 1n] : [0n, (1n << BigInt(count)) - 1n];

/** As a number where that is exact. */
const narrow = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

const int8: Scalar = {
  sizeBytes: 1,
  range: bits(8, true),
  read: (v, at) => v.getInt8(at),
  write: (v, at, x) => v.setInt8(at, Number(x)),
};
const uint8: Scalar = {
  sizeBytes: 1,
  range: bits(8, false),
  read: (v, at) => v.getUint8(at),
  write: (v, at, x) => v.setUint8(at, Number(x)),
};
const int16: Scalar = {
  sizeBytes: 2,
  range: bits(16, true),
  read: (v, at) => v.getInt16(at, LITTLE),
  write: (v, at, x) => v.setInt16(at, Number(x), LITTLE),
};
const uint16: Scalar = {
  sizeBytes: 2,
  range: bits(16, false),
  read: (v, at) => v.getUint16(at, LITTLE),
  write: (v, at, x) => v.setUint16(at, Number(x), LITTLE),
};
const int32: Scalar = {
  sizeBytes: 4,
  range: bits(32, true),
  read: (v, at) => v.getInt32(at, LITTLE),
  write: (v, at, x) => v.setInt32(at, Number(x), LITTLE),
};
const uint32: Scalar = {
  sizeBytes: 4,
  range: bits(32, false),
  read: (v, at) => v.getUint32(at, LITTLE),
  write: (v, at, x) => v.setUint32(at, Number(x), LITTLE),
};
const int64: Scalar = {
  sizeBytes: 8,
  range: bits(64, true),
  read: (v, at) => narrow(v.getBigInt64(at, LITTLE)),
  write: (v, at, x) => v.setBigInt64(at, BigInt(x), LITTLE),
};
const uint64: Scalar = {
  sizeBytes: 8,
  range: bits(64, false),
  read: (v, at) => narrow(v.getBigUint64(at, LITTLE)),
  write: (v, at, x) => v.setBigUint64(at, BigInt(x), LITTLE),
};

const SCALARS = {
  char: int8,
  'signed char': int8,
  'unsigned char': uint8,
  short: int16,
  'unsigned short': uint16,
  int: int32,
  'unsigned int': uint32,
  long: int64,
  'unsigned long': uint64,
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float: {
    sizeBytes: 4,
    read: (v, at) => v.getFloat32(at, LITTLE),
    write: (v, at, x) => v.setFloat32(at, Number(x), LITTLE),
  },
  double: {
    sizeBytes: 8,
    read: (v, at) => v.getFloat64(at, LITTLE),
    write: (v, at, x) => v.setFloat64(at, Number(x), LITTLE),
  },
} satisfies Record<string, Scalar>;

type ScalarName = keyof typeof SCALARS;
type WideName = 'long' | 'unsigned long' | 'int64' | 'uint64';

/** A field: a C type, an array of one (`'int[4]'`; `'char[30]'` is text), or a struct in the struct. */
export type FieldType = ScalarName | `${ScalarName}[${number}]` | StructFields;
/** Fields in the order of the struct. */
export interface StructFields {
  readonly [name: string]: FieldType;
}

type Read<T> = T extends `char[${number}]`
  ? string
  : T extends `${infer Item}[${number}]`
    ? Read<Item>[]
    : T extends WideName
      ? number | bigint
      : T extends ScalarName
        ? number
        : T extends StructFields
          ? { [Name in keyof T]: Read<T[Name]> }
          : never;

type Write<T> = T extends `char[${number}]`
  ? string | Uint8Array
  : T extends `${infer Item}[${number}]`
    ? readonly Write<Item>[]
    : T extends ScalarName
      ? number | bigint | (T extends 'char' ? string : never)
      : T extends StructFields
        ? { readonly [Name in keyof T]: Write<T[Name]> }
        : never;

export type StructValue<T extends StructFields> = { [Name in keyof T]: Read<T[Name]> };
export type StructInput<T extends StructFields> = { readonly [Name in keyof T]: Write<T[Name]> };

/** A described C struct. */
export interface Struct<T extends StructFields> {
  /** C's sizeof, with the padding at its end. */
  readonly sizeBytes: number;
  /** C's offsetof of each field. */
  readonly offsets: { readonly [Name in keyof T]: number };
  /**
   * The bytes of a struct with these values; padding is zero. A `char[n]` takes text (UTF-8, filled up with NULs) or bytes; a single
   * `char` takes a number or one ASCII character.
   *
   * @throws TypeError for a missing field or a value of the wrong kind; RangeError for a number that does not fit and for text
   *   that is longer than its array. Text as long as its array has no NUL, as in C.
   */
  pack(values: StructInput<T>): Buffer;
  /**
   * The values in these bytes. A `char[n]` is read up to its NUL; 64-bit numbers beyond 2^53 are bigints.
   *
   * @throws RangeError if there are fewer bytes than the struct has
   */
  unpack(bytes: Uint8Array): StructValue<T>;
}

interface Codec {
  sizeBytes: number;
  alignment: number;
  read: (bytes: Buffer, view: DataView, at: number) => unknown;
  write: (bytes: Buffer, view: DataView, at: number, value: unknown, name: string) => void;
}

const show = (value: unknown): string =>
  typeof value === 'bigint' ? `${value}n` : typeof value === 'string' ? JSON.stringify(value) : String(value);

function createScalar(type: ScalarName): Codec {
  const { sizeBytes, range, read, write }: Scalar = SCALARS[type];
  return {
    sizeBytes,
    alignment: sizeBytes,
    read: (_, view, at) => read(view, at),
    write: (_, view, at, given, name) => {
      const value =
        type === 'char' && typeof given === 'string' && /^[\0-\x7F]$/.test(given) ? given.codePointAt(0)! : given;
      if (typeof value !== 'number' && typeof value !== 'bigint')
        throw new TypeError(
          `Expected field ${name} (${type}) to be a number${type === 'char' ? ' or one ASCII character' : ''}, got ${show(given)}`,
        );
      if (range) {
        if (typeof value === 'number' && !Number.isInteger(value))
          throw new RangeError(`Expected field ${name} (${type}) to be an integer, got ${value}`);
        if (BigInt(value) < range[0] || BigInt(value) > range[1])
          throw new RangeError(
            `Expected field ${name} (${type}) to be from ${range[0]} to ${range[1]}, got ${show(value)}`,
          );
      }
      write(view, at, value);
    },
  };
}

function createText(length: number): Codec {
  return {
    sizeBytes: length,
    alignment: 1,
    read: (bytes, _, at) => {
      const text = bytes.subarray(at, at + length);
      const end = text.indexOf(0);
      return text.toString('utf8', 0, end < 0 ? length : end);
    },
    write: (bytes, _, at, value, name) => {
      if (typeof value !== 'string' && !(value instanceof Uint8Array))
        throw new TypeError(`Expected field ${name} (char[${length}]) to be text or bytes, got ${show(value)}`);
      const text = typeof value === 'string' ? Buffer.from(value) : value;
      if (text.length > length)
        throw new RangeError(
          `Expected field ${name} (char[${length}]) to have at most ${length} bytes, got ${text.length}`,
        );
      bytes.set(text, at);
    },
  };
}

function createArray(item: Codec, length: number, type: string): Codec {
  return {
    sizeBytes: item.sizeBytes * length,
    alignment: item.alignment,
    read: (bytes, view, at) =>
      Array.from({ length }, (_, index) => item.read(bytes, view, at + index * item.sizeBytes)),
    write: (bytes, view, at, value, name) => {
      if (!Array.isArray(value) && !ArrayBuffer.isView(value))
        throw new TypeError(`Expected field ${name} (${type}) to be an array, got ${show(value)}`);
      const items = Array.from(value as ArrayLike<unknown>);
      if (items.length !== length)
        throw new RangeError(`Expected field ${name} (${type}) to have ${length} items, got ${items.length}`);
      for (const [index, each] of items.entries())
        item.write(bytes, view, at + index * item.sizeBytes, each, `${name}[${index}]`);
    },
  };
}

function createCodec(type: FieldType, name: string): Codec {
  if (typeof type === 'object') return createFields(type, name).codec;
  const [, item, count] = /^(.+?)(?:\[(\d+)\])?$/.exec(type) ?? [];
  if (item === undefined || !Object.hasOwn(SCALARS, item) || count === '0')
    throw new TypeError(
      `Expected field ${name} to have a C type (${Object.keys(SCALARS).join(', ')}, or an array of one such as int[4]), got ${show(type)}`,
    );
  if (count === undefined) return createScalar(item as ScalarName);
  return item === 'char'
    ? createText(Number(count))
    : createArray(createScalar(item as ScalarName), Number(count), type);
}

function createFields(fields: StructFields, prefix: string): { codec: Codec; offsets: Record<string, number> } {
  const offsets: Record<string, number> = {};
  const codecs: [string, number, Codec][] = [];
  let end = 0;
  let alignment = 1;
  for (const [name, type] of Object.entries(fields)) {
    const codec = createCodec(type, prefix === '' ? name : `${prefix}.${name}`);
    const at = Math.ceil(end / codec.alignment) * codec.alignment;
    codecs.push([name, at, codec]);
    offsets[name] = at;
    end = at + codec.sizeBytes;
    alignment = Math.max(alignment, codec.alignment);
  }
  const codec: Codec = {
    sizeBytes: Math.ceil(end / alignment) * alignment,
    alignment,
    read: (bytes, view, at) =>
      Object.fromEntries(codecs.map(([name, offset, each]) => [name, each.read(bytes, view, at + offset)])),
    write: (bytes, view, at, value, name) => {
      if (typeof value !== 'object' || value === null)
        throw new TypeError(`Expected ${name || 'a struct'} to be an object, got ${show(value)}`);
      for (const [field, offset, each] of codecs)
        each.write(
          bytes,
          view,
          at + offset,
          (value as Record<string, unknown>)[field],
          name === '' ? field : `${name}.${field}`,
        );
    },
  };
  return { codec, offsets };
}

/**
 * Describes a C struct: `struct({ name: 'char[30]', ship_type: 'char', notoriety: 'int' })`.
 *
 * @param fields C types by name, in the order of the struct (names that look like numbers would be moved to the front, as in every object)
 * @throws TypeError for a type that is none
 */
export function struct<const T extends StructFields>(fields: T): Struct<T> {
  const { codec, offsets } = createFields(fields, '');
  const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sizeBytes: codec.sizeBytes,
    offsets: offsets as Struct<T>['offsets'],
    pack(values) {
      const bytes = Buffer.alloc(codec.sizeBytes);
      codec.write(bytes, viewOf(bytes), 0, values, '');
      return bytes;
    },
    unpack(bytes) {
      if (bytes.byteLength < codec.sizeBytes)
        throw new RangeError(`Expected at least ${codec.sizeBytes} bytes of a struct, got ${bytes.byteLength}`);
      return codec.read(
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        viewOf(bytes),
        0,
      ) as StructValue<T>;
    },
  };
}
