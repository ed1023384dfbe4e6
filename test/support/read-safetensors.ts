/** A minimal reader of .safetensors files, independent of the code under test. */
import { readFileSync } from 'node:fs';

export interface StoredTensor {
  dtype: string;
  shape: number[];
  data: Uint8Array;
}

export function readSafetensors(path: string): Map<string, StoredTensor> {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString('utf8')) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const start = 8 + headerLength;
  return new Map(
    Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .map(([name, { dtype, shape, data_offsets: [from, to] }]) => [
        name,
        // A copy, so that typed arrays on it are aligned.
        { dtype, shape, data: Uint8Array.from(bytes.subarray(start + from, start + to)) },
      ]),
  );
}

/** The values of an F32 tensor. */
export function floatsOf(tensors: Map<string, StoredTensor>, name: string): Float32Array {
  const tensor = tensors.get(name);
  if (tensor?.dtype !== 'F32') throw new Error(`no F32 tensor ${name}`);
  return new Float32Array(tensor.data.buffer);
}
