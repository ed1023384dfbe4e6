/** Pickles and the files around them put together by hand, without the code under test. */
import { writeZip, type ZipMember, type ZipOptions } from '../../support/zip-writer.js';

type Part = Buffer | string;

export const join = (...parts: readonly Part[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

function numbered(code: string, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return join(code, bytes);
}

export const int = (value: number): Buffer => numbered('J', value);
export const text = (value: string): Buffer => join(numbered('X', Buffer.byteLength(value)), Buffer.from(value, 'utf8'));
export const global = (module: string, name: string): string => `c${module}\n${name}\n`;
export const tuple = (...items: readonly Part[]): Buffer => join('(', ...items, 't');
export const call = (callable: Part, ...args: readonly Part[]): Buffer => join(callable, tuple(...args), 'R');

/** Protocol 2 and STOP around `body`. */
export const pickle = (...body: readonly Part[]): Buffer => join('\x80\x02', ...body, '.');

export interface TensorFields {
  key?: string;
  count?: number;
  offset?: number;
  shape?: readonly number[];
  stride?: readonly number[];
  storage?: Part;
  kind?: string;
}

/** A persistent id of a storage of floats. */
export function storage({ key = '0', count = 2, storage: type = global('torch', 'FloatStorage'), kind = 'storage' }: TensorFields = {}): Buffer {
  return join(tuple(text(kind), type, text(key), text('cpu'), int(count)), 'Q');
}

/** What torch writes for a tensor; without fields, of two floats. */
export function tensor(fields: TensorFields = {}): Buffer {
  const { offset = 0, shape = [2], stride = [1] } = fields;
  const hooks = call(global('collections', 'OrderedDict'));
  const sizes = (values: readonly number[]): Buffer => tuple(...values.map(int));
  return call(global('torch._utils', '_rebuild_tensor_v2'), storage(fields), int(offset), sizes(shape), sizes(stride), '\x89', hooks);
}

/** {key: value, ...} */
export const dict = (...entries: readonly (readonly [key: string, value: Part])[]): Buffer =>
  join('}(', ...entries.flatMap(([key, value]) => [text(key), value]), 'u');

/** A state dict of the tensor `w`. */
export const stateDict = (fields: TensorFields = {}): Buffer => pickle(dict(['w', tensor(fields)]));

export const FLOATS = Buffer.from(new Float32Array([1, 2]).buffer);

/** What torch.save would put into its zip. */
export const torchMembers = (data: Buffer, storages: Readonly<Record<string, Buffer>> = { 0: FLOATS }): ZipMember[] => [
  { name: 'm/data.pkl', data, store: true },
  { name: 'm/byteorder', data: 'little', store: true },
  ...Object.entries(storages).map(([key, bytes]): ZipMember => ({ name: `m/data/${key}`, data: bytes, store: true })),
  { name: 'm/version', data: '3\n', store: true },
];

/** A file of torch.save's zip format around a pickle; `change` may falsify its members. */
export function torchZip(data: Buffer, change: (members: ZipMember[]) => ZipMember[] = (members) => members, options: ZipOptions = {}): Buffer {
  return writeZip(change(torchMembers(data)), options);
}

const count64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

export interface LegacyFields {
  magic?: Buffer;
  littleEndian?: boolean;
  keys?: readonly string[];
  count?: bigint;
  data?: Buffer;
  after?: Buffer;
}

/** A file of the format before PyTorch 1.6 around a pickle. */
export function torchLegacy(data: Buffer, fields: LegacyFields = {}): Buffer {
  const { magic = Buffer.from('6cfc9c46f9206aa85019', 'hex'), littleEndian = true, keys = ['0'], count = 2n } = fields;
  return join(
    pickle('\x8a', Buffer.from([magic.length]), magic),
    pickle('M\xe9\x03'),
    pickle(dict(['protocol_version', 'M\xe9\x03'], ['little_endian', littleEndian ? '\x88' : '\x89'])),
    data,
    pickle('](', ...keys.map(text), 'e'),
    count64(count),
    fields.data ?? FLOATS,
    fields.after ?? '',
  );
}
