/** 78 files that look like safetensors and break one rule each. */
import { entry, lengthBytes, validFile, withHeader, zeros } from './safetensors-bytes.js';

export interface MalformedFile {
  name: string;
  bytes: () => Buffer;
  /** The file is stretched to this length with zeros (sparse, so that it costs no disk). */
  stretchTo?: number;
}

/** `{"w":{...}}` with these fields, and `count` bytes of data. */
function fields(text: string, count = 8): Buffer {
  return withHeader(`{"w":{${text}}}`, zeros(count));
}

/** A tensor of four bytes with this text as its dtype. */
function dtype(text: string): Buffer {
  return fields(`"dtype":${text},"shape":[1],"data_offsets":[0,4]`, 4);
}

/** A tensor of eight bytes with this text as its shape. */
function shape(text: string): Buffer {
  return fields(`"dtype":"F32","shape":${text},"data_offsets":[0,8]`);
}

/** A tensor of shape [2] with this text as its offsets. */
function offsets(text: string): Buffer {
  return fields(`"dtype":"F32","shape":[2],"data_offsets":${text}`);
}

/** Two tensors of four bytes at these offsets, in a file with `count` bytes of data. */
function pair(a: [number, number], b: [number, number], count: number): Buffer {
  return withHeader(`{${entry('a', '[1]', ...a)},${entry('b', '[1]', ...b)}}`, zeros(count));
}

/** The one valid tensor with this text in front of it. */
function member(text: string): Buffer {
  return withHeader(`{${text},${entry('w', '[2]', 0, 8)}}`, zeros(8));
}

const ENTRY = entry('w', '[2]', 0, 8);

function inKey(...bytes: number[]): Buffer {
  const text = Buffer.concat([Buffer.from('{"w'), Buffer.from(bytes), Buffer.from(ENTRY.slice(2)), Buffer.from('}')]);
  return withHeader(text, zeros(8));
}

function truncated(bytes: Buffer, by: number): Buffer {
  return bytes.subarray(0, bytes.length - by);
}

function bigEndian(): Buffer {
  const bytes = validFile();
  bytes.subarray(0, 8).reverse();
  return bytes;
}

const LENGTH: Record<string, () => Buffer> = {
  'an empty file': () => Buffer.alloc(0),
  'seven bytes': () => Buffer.alloc(7, 1),
  'a header length without header': () => lengthBytes(64n),
  'header length 0': () => withHeader('', zeros(8)),
  'a header length over the file': () => Buffer.concat([lengthBytes(1000n), Buffer.from(`{${ENTRY}}`), zeros(8)]),
  'header length 2^63': () => Buffer.concat([lengthBytes(1n << 63n), Buffer.from('{}')]),
  'header length 2^64-1': () => Buffer.concat([lengthBytes(-1n), Buffer.from('{}')]),
  'header length 100,000,001': () => Buffer.concat([lengthBytes(100_000_001n), Buffer.from('{}')]),
  'a big-endian header length': bigEndian,
};

const TEXT: Record<string, () => Buffer> = {
  'a header that is not text': () => withHeader(Buffer.from([0xff, 0xfe, 0x00, 0x80]), zeros(8)),
  'a bad byte inside a key': () => inKey(0xff),
  'an overlong sequence inside a key': () => inKey(0xc0, 0xaf),
  'a surrogate as UTF-8 inside a key': () => inKey(0xed, 0xa0, 0x80),
  'a lone high surrogate escape': () => withHeader(`{${entry('\\ud800', '[2]', 0, 8)}}`, zeros(8)),
  'a lone low surrogate escape': () => withHeader(`{${entry('\\udc00x', '[2]', 0, 8)}}`, zeros(8)),
  'an unknown escape': () => withHeader(`{${entry('\\x41', '[2]', 0, 8)}}`, zeros(8)),
  'a raw control character in a key': () => inKey(0x0a),
  'a NUL after the JSON': () => withHeader(`{${ENTRY}}\0`, zeros(8)),
  'truncated JSON': () => withHeader(`{${ENTRY}`, zeros(8)),
  'an unterminated string': () => withHeader('{"w', zeros(8)),
  'two documents': () => withHeader(`{${ENTRY}}{}`, zeros(8)),
  'an array as header': () => withHeader('[]'),
  'null as header': () => withHeader('null'),
  'a byte order mark': () => withHeader(`\ufeff{${ENTRY}}`, zeros(8)),
  '100,000-deep nesting': () => withHeader(`{"w":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
  'a trailing comma': () => withHeader(`{${ENTRY},}`, zeros(8)),
  'a comment': () => withHeader(`{/* */${ENTRY}}`, zeros(8)),
  NaN: () => shape('[NaN]'),
  'a leading zero': () => shape('[02]'),
  'a leading space': () => withHeader(` {${ENTRY}}`, zeros(8)),
  'single quotes': () => withHeader(`{${ENTRY}}`.replaceAll('"', "'"), zeros(8)),
};

const FIELDS: Record<string, () => Buffer> = {
  'a duplicate field': () => fields('"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]'),
  'a duplicate __metadata__': () => member('"__metadata__":{},"__metadata__":{}'),
  'a number in __metadata__': () => member('"__metadata__":{"a":1}'),
  'an object in __metadata__': () => member('"__metadata__":{"a":{"b":"c"}}'),
  '__metadata__ null': () => member('"__metadata__":null'),
  'no dtype': () => fields('"shape":[2],"data_offsets":[0,8]'),
  'no shape': () => fields('"dtype":"F32","data_offsets":[0,8]'),
  'no data_offsets': () => fields('"dtype":"F32","shape":[2]'),
  'an unknown field': () => fields('"dtype":"F32","shape":[2],"data_offsets":[0,8],"strides":[1]'),
  'an unknown dtype': () => dtype('"F31"'),
  'a lower-case dtype': () => dtype('"f32"'),
  'a numeric dtype': () => dtype('6'),
  'more bytes than shape x dtype': () => shape('[1]'),
  'fewer bytes than shape x dtype': () => shape('[3]'),
  'a negative dimension': () => shape('[-2]'),
  'a float dimension': () => shape('[2.0]'),
  'a string dimension': () => shape('["2"]'),
  'a product that overflows to the right size': () => shape('[4611686018427387905,2]'),
  'a product that overflows beside a zero': () =>
    fields('"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]', 0),
  'a dimension over 2^64': () => shape('[18446744073709551618]'),
  'rank 9': () => shape('[1,1,1,1,1,1,1,1,2]'),
  'a duplicate tensor name': () => withHeader(`{${entry('w', '[1]', 0, 4)},${entry('w', '[1]', 4, 8)}}`, zeros(8)),
  'a duplicate tensor name in an escape': () =>
    withHeader(`{${entry('w', '[1]', 0, 4)},${entry('\\u0077', '[1]', 4, 8)}}`, zeros(8)),
  'a tensor named __proto__': () => withHeader(`{${entry('__proto__', '[2]', 0, 8)}}`, zeros(8)),
  'an empty name': () => withHeader(`{${entry('', '[2]', 0, 8)}}`, zeros(8)),
  'an array as tensor': () => withHeader('{"w":["F32",[2],[0,8]]}', zeros(8)),
};

const LAYOUT: Record<string, () => Buffer> = {
  'begin after end': () => offsets('[8,0]'),
  'offsets past the file': () => offsets('[8,16]'),
  'offsets that wrap around 2^64': () => offsets('[18446744073709551608,0]'),
  'a negative offset': () => offsets('[-8,0]'),
  'a float offset': () => offsets('[0,8.0]'),
  'no offsets': () => offsets('[]'),
  'one offset': () => offsets('[8]'),
  'three offsets': () => offsets('[0,8,8]'),
  'a hole at the head': () => withHeader(`{${entry('w', '[2]', 4, 12)}}`, zeros(12)),
  'a hole in the middle': () => pair([0, 4], [8, 12], 12),
  'a partial overlap': () => pair([0, 4], [2, 6], 6),
  'an identical overlap': () => pair([0, 4], [0, 4], 4),
  'an empty tensor inside another': () =>
    withHeader(`{${entry('a', '[2]', 0, 8)},${entry('b', '[0]', 4, 4)}}`, zeros(8)),
  'bytes after the last tensor': () => Buffer.concat([validFile(), Buffer.from('PK\x03\x04 and so on')]),
  'two bytes short': () => truncated(validFile(), 2),
  'data with no tensors': () => withHeader('{}', zeros(8)),
  'one tensor and as many bytes again': () => Buffer.concat([validFile(), zeros(8)]),
  'a header cut inside a tensor': () => truncated(validFile(), 20),
  'metadata only, and data': () => withHeader('{"__metadata__":{"a":"b"}}', zeros(1)),
};

function listOf(group: string, files: Record<string, () => Buffer>): MalformedFile[] {
  return Object.entries(files).map(([name, bytes]) => ({ name: `${group}: ${name}`, bytes }));
}

/** Every one is to be refused with ERR_WEIGHTS_FORMAT. */
export const MALFORMED_FILES: MalformedFile[] = [
  ...listOf('length', LENGTH),
  ...listOf('text', TEXT),
  ...listOf('fields', FIELDS),
  ...listOf('layout', LAYOUT),
  {
    name: 'length: a file as long as header length 100,000,001 says',
    bytes: () => Buffer.concat([lengthBytes(100_000_001n), Buffer.from('{}')]),
    stretchTo: 100_000_009,
  },
  { name: 'length: a header of 100,000,000 NULs', bytes: () => lengthBytes(100_000_000n), stretchTo: 100_000_008 },
];
