/** Latents in .safetensors files, under the name `latents`. */
import { basename } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { SafetensorsFile, writeSafetensors } from '../weights/safetensors.js';
import type { TensorData } from '../weights/tensor-data.js';
import { checkLatents } from './latents.js';

const NAME = 'latents';

/** 1 GiB: more than any batch has. */
const MAX_VALUES = 2 ** 28;

/**
 * The tensor `latents`, or the only one of the file.
 *
 * @throws DeepcodeError ERR_IO, ERR_WEIGHTS_FORMAT, ERR_WEIGHTS_MISSING, ERR_SHAPE
 */
export async function readLatentsFile(path: string): Promise<TensorData> {
  const file = await SafetensorsFile.open(path);
  try {
    const name = file.has(NAME) || file.names.length !== 1 ? NAME : file.names[0]!;
    const { shape } = file.info(name);
    const refuse = (): DeepcodeError => {
      const expected = `floats of shape [N, channels, height, width] for ${NAME}`;
      return new DeepcodeError('ERR_SHAPE', `${basename(path)}: expected ${expected} but found [${shape.join(', ')}].`);
    };
    if (shape.length !== 4 || shape.reduce((product, side) => product * side, 1) > MAX_VALUES) throw refuse();
    const tensor = await file.tensor(name);
    try {
      checkLatents(tensor);
    } catch {
      throw refuse();
    }
    return tensor;
  } finally {
    file.close();
  }
}

/** Latents of one image each, as one tensor [N, channels, height, width]. @throws DeepcodeError ERR_IO */
export async function writeLatentsFile(path: string, latents: readonly TensorData[]): Promise<void> {
  const { shape, data } = latents[0]!;
  const all = new Float32Array(latents.length * data.length);
  latents.forEach((image, i) => all.set(image.data as Float32Array, i * data.length));
  await writeSafetensors(path, { [NAME]: { dtype: 'F32', shape: [latents.length, ...shape], data: all } });
}
