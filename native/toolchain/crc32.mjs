// CRC-32 as in zip and gzip (ISO 3309): zlib's own where Node has it, else a table.

import zlib from 'node:zlib';

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

export function tableCrc32(data, previous = 0) {
  let c = ~previous;
  for (let i = 0; i < data.length; i += 1) c = TABLE[(c ^ data[i]) & 0xff] ^ (c >>> 8);
  return ~c >>> 0;
}

/** The CRC of `data` appended to what gave `previous`. */
export const crc32 = zlib.crc32 ?? tableCrc32;
