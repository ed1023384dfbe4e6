/** Latents as a caller gives and gets them. */
import { invalidArgument, outOfRange } from '../errors.js';
import { checkTensorData, toFloat32Array, type TensorData } from '../weights/tensor-data.js';

/** Size of one image's latents. */
export interface LatentShape {
  channels: number;
  height: number;
  width: number;
}

const FLOATS = ['F32', 'F16', 'BF16', 'F64'];

/** Throws TypeError for what is not [N, channels, height, width] floats. */
export function checkLatents(latents: TensorData): void {
  checkTensorData('latents', latents);
  if (latents.shape.length !== 4 || !FLOATS.includes(latents.dtype)) {
    throw invalidArgument('latents', 'floats of shape [N, channels, height, width]', `${latents.dtype} [${latents.shape.join(', ')}]`);
  }
}

/** Values of 1 or `count` images. @throws RangeError where the shape is another, or a value is not finite */
export function latentValues(latents: TensorData, count: number, { channels, height, width }: LatentShape): Float32Array {
  const [n = 0, ...rest] = latents.shape;
  const expected = [channels, height, width];
  if ((n !== 1 && n !== count) || rest.join() !== expected.join()) {
    const shape = `[${count === 1 ? '1' : `1 or ${count}`}, ${expected.join(', ')}]`;
    throw Object.assign(new RangeError(`Expected shape ${shape} for latents but received [${latents.shape.join(', ')}]`), {
      code: 'ERR_OUT_OF_RANGE',
    });
  }
  const values = toFloat32Array(latents);
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw outOfRange('latents', 'finite values', bad);
  return values;
}

/** Images `first` to before `last`; all of them when there is only one for all. */
export function sliceLatents({ dtype, shape, data }: TensorData, first: number, last: number): TensorData {
  const [count = 0, ...rest] = shape;
  if (count === 1) return { dtype, shape, data };
  const size = rest.reduce((product, side) => product * side, 1);
  return { dtype, shape: [last - first, ...rest], data: data.subarray(first * size, last * size) as TensorData['data'] };
}

/** Image `index` of what the addon gave. */
export function latentsOf(values: Float32Array, index: number, { channels, height, width }: LatentShape): TensorData {
  const size = channels * height * width;
  return { dtype: 'F32', shape: [channels, height, width], data: values.slice(index * size, (index + 1) * size) };
}
