/** Value of a field; 64-bit integers beyond 2^53 are rounded, as they only stand in findings. */
export type FieldValue = number | string | number[];

interface Scalar {
  sizeBytes: number;
  read: (view: DataView, offset: number) => number;
}

const LITTLE = true;
const scalar = (sizeBytes: number, read: Scalar['read']): Scalar => ({ sizeBytes, read });
const int8 = scalar(1, (view, at) => view.getInt8(at));
const uint8 = scalar(1, (view, at) => view.getUint8(at));
const int16 = scalar(2, (view, at) => view.getInt16(at, LITTLE));
const uint16 = scalar(2, (view, at) => view.getUint16(at, LITTLE));
const int32 = scalar(4, (view, at) => view.getInt32(at, LITTLE));
const uint32 = scalar(4, (view, at) => view.getUint32(at, LITTLE));
const int64 = scalar(8, (view, at) => Number(view.getBigInt64(at, LITTLE)));
const uint64 = scalar(8, (view, at) => Number(view.getBigUint64(at, LITTLE)));

/** C's names on 64-bit Linux (LP64). */
const SCALARS: Record<string, Scalar> = {
  char: int8,
  'unsigned char': uint8,
  int8,
  uint8,
  short: int16,
  'unsigned short': uint16,
  int16,
  uint16,
  int: int32,
  'unsigned int': uint32,
  int32,
  uint32,
  long: int64,
  'unsigned long': uint64,
  int64,
  uint64,
  float: scalar(4, (view, at) => view.getFloat32(at, LITTLE)),
  double: scalar(8, (view, at) => view.getFloat64(at, LITTLE)),
};

/** A field as it lies in the struct; `count` is undefined for what is not an array. */
interface Field {
  name: string;
  item: Scalar;
  offset: number;
  count: number | undefined;
  isText: boolean;
}

/** As C lays out a struct: each field at a multiple of the size of its items. */
function layOut(fields: Readonly<Record<string, string>>): { fields: Field[]; sizeBytes: number } {
  let end = 0;
  let alignment = 1;
  const laid = Object.entries(fields).map(([name, declared]): Field => {
    const [, type = '', length] = /^(.*?)(?:\[(\d+)\])?$/.exec(declared) ?? [];
    const item = SCALARS[type];
    if (!item) throw new Error(`Expected a C type for field ${name}, got ${declared}`);
    const count = length === undefined ? undefined : Number(length);
    const offset = align(end, item.sizeBytes);
    end = offset + item.sizeBytes * (count ?? 1);
    alignment = Math.max(alignment, item.sizeBytes);
    return { name, item, offset, count, isText: type === 'char' && count !== undefined };
  });
  return { fields: laid, sizeBytes: align(end, alignment) };
}

const align = (offset: number, multiple: number): number => Math.ceil(offset / multiple) * multiple;

/** Text of a char array: up to its NUL. */
function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * Reads a message by its fields, laid out as C lays out a struct without its mtype. (After an 8-byte mtype that is the same
 * alignment as in the whole struct.) A message that is too short has the fields that it holds.
 */
export function readFields(bytes: Uint8Array, fields: Readonly<Record<string, string>>): Record<string, FieldValue> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: Record<string, FieldValue> = {};
  for (const { name, item, offset, count, isText } of layOut(fields).fields) {
    const length = count ?? 1;
    if (isText) {
      // Text may be sent without its unused bytes.
      if (offset >= bytes.length) break;
      values[name] = readText(bytes.subarray(offset, offset + length));
    } else {
      if (offset + item.sizeBytes * length > bytes.length) break;
      const items = Array.from({ length }, (_, index) => item.read(view, offset + index * item.sizeBytes));
      values[name] = count === undefined ? items[0]! : items;
    }
  }
  return values;
}

/** Bytes of the struct without its mtype, with the padding at its end. */
export const sizeOfFields = (fields: Readonly<Record<string, string>>): number => layOut(fields).sizeBytes;

/** The least that a message of these fields may have: without the padding at the end, and without the unused bytes of a text that is the last field. */
export function leastBytesOfFields(fields: Readonly<Record<string, string>>): number {
  const last = layOut(fields).fields.at(-1);
  if (!last) return 0;
  return last.offset + (last.isText ? 0 : last.item.sizeBytes * (last.count ?? 1));
}
