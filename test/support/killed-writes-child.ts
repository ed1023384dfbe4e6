/** Argument: a path. Writes tensors of 4 MB filled with 1, 2, 3, ... there until it is killed. */
import { writeSafetensors } from '../../ts/weights/safetensors.js';

async function main(path: string): Promise<void> {
  for (let value = 1; ; value++) {
    const data = new Float32Array(1 << 20).fill(value);
    await writeSafetensors(path, { w: { dtype: 'F32', shape: [data.length], data } });
    if (value === 1) process.stdout.write('ready\n');
  }
}

void main(process.argv[2]!);
