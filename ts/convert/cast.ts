/** Tensors in another floating dtype, piece by piece. */
import { DeepcodeError } from '../errors.js';
import { floatDecoder } from '../weights/float-decode.js';
import { arrayOfBytes, type TensorArray, type TensorDtype } from '../weights/tensor-data.js';
import { encodeBfloat16, encodeHalf } from './float-encode.js';
import { shown } from './input-file.js';
import type { SourceTensor } from './source-tensor.js';

/** The floats that a conversion changes. 8-bit floats stay as they are: they belong to a scale. */
const CASTABLE: readonly TensorDtype[] = ['F64', 'F32', 'F16', 'BF16'];

type Target = 'F32' | 'F16' | 'BF16';

const ENCODERS: Readonly<Record<Target, { from: (length: number) => TensorArray; encode: (float: number) => number; infinity: number }>> = {
  F32: { from: (length) => new Float32Array(length), encode: Math.fround, infinity: Infinity },
  F16: { from: (length) => new Uint16Array(length), encode: encodeHalf, infinity: 0x7c00 },
  BF16: { from: (length) => new Uint16Array(length), encode: encodeBfloat16, infinity: 0x7f80 },
};

function castPiece(name: string, from: TensorDtype, to: Target, piece: Uint8Array): Uint8Array {
  const input = arrayOfBytes(from, piece) as Float32Array;
  const decode = floatDecoder(from) ?? ((value: number) => value);
  const { from: make, encode, infinity } = ENCODERS[to];
  const output = make(input.length) as Float32Array;
  for (let i = 0; i < input.length; i++) {
    const float = decode(input[i]!);
    const encoded = encode(float);
    output[i] = encoded;
    if (Number.isFinite(float) && Math.abs(to === 'F32' ? encoded : encoded & 0x7fff) === infinity) {
      throw new DeepcodeError('ERR_NONFINITE', `Tensor ${shown(name)} holds ${float}, which ${to} cannot hold. Choose another dtype.`);
    }
  }
  return new Uint8Array(output.buffer, output.byteOffset, output.byteLength);
}

/**
 * The tensor with its floats as `to`; others are returned as they are. Reading it rejects with ERR_NONFINITE where
 * a finite value would become infinite.
 */
export function castTensor(tensor: SourceTensor, to: Target): SourceTensor {
  const { name, dtype, shape } = tensor;
  if (dtype === to || !CASTABLE.includes(dtype)) return tensor;
  return {
    name,
    dtype: to,
    shape,
    async *bytes() {
      for await (const piece of tensor.bytes()) yield castPiece(name, dtype, to, piece);
    },
  };
}
