/** Writes .safetensors files of what read-safetensors.ts read, without the code under test. */
import { writeFileSync } from 'node:fs';
import type { StoredTensor } from './read-safetensors.js';
import { withHeader } from './safetensors-bytes.js';

export function writeSafetensors(path: string, tensors: ReadonlyMap<string, StoredTensor>): void {
  let end = 0;
  const header = [...tensors].map(([name, { dtype, shape, data }]) => {
    const begin = end;
    end += data.length;
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  const data = Buffer.concat([...tensors.values()].map((tensor) => tensor.data));
  writeFileSync(path, withHeader(JSON.stringify(Object.fromEntries(header)), data));
}
