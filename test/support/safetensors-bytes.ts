/** Files in the safetensors format put together by hand, without the code under test. */

/** The eight bytes of a header length. */
export function lengthBytes(length: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, length));
  return bytes;
}

/** Length, header and data; a string is written as UTF-8, bytes as they are. */
export function withHeader(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0)): Buffer {
  const bytes = typeof header === 'string' ? Buffer.from(header, 'utf8') : Buffer.from(header);
  return Buffer.concat([lengthBytes(BigInt(bytes.length)), bytes, data]);
}

export function zeros(count: number): Uint8Array {
  return new Uint8Array(count);
}

/** `"name":{...}` of a float tensor, as JSON text. */
export function entry(name: string, shape: string, begin: number, end: number): string {
  return `"${name}":{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`;
}

/** A file with the one F32 tensor `w` of shape [2], values 1 and 2. */
export function validFile(): Buffer {
  return withHeader(`{${entry('w', '[2]', 0, 8)}}`, new Uint8Array(new Float32Array([1, 2]).buffer));
}
