/** A tensor's bytes in row-major order, from a storage where it may lie in any order. */
import { PIECE_BYTES, type InputFile } from '../input-file.js';
import type { TensorView } from '../pickle/values.js';
import { bytesOf, countOf } from '../source-tensor.js';

type Words = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

const WORD_ARRAYS: Readonly<Record<number, new (buffer: ArrayBuffer, offset: number, length: number) => Words>> = {
  1: Uint8Array,
  2: Uint16Array,
  4: Uint32Array,
  8: BigUint64Array,
};

function wordsOf(bytes: Buffer, size: number): Words {
  return new WORD_ARRAYS[size]!(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length / size);
}

/** Whether row-major order is the order in the storage; the stride of a dimension of size 1 means nothing. */
export function isContiguous({ shape, strides }: Pick<TensorView, 'shape' | 'strides'>): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 1) continue;
    if (strides[i] !== expected) return false;
    expected *= shape[i]!;
  }
  return true;
}

/** Steps through a tensor's elements in row-major order; `at` is the place of the next in the storage. */
class Odometer {
  at = 0;
  readonly #index: number[];

  constructor(
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    this.#index = shape.map(() => 0);
  }

  next(): void {
    for (let i = this.shape.length - 1; i >= 0; i--) {
      this.at += this.strides[i]!;
      if (++this.#index[i]! < this.shape[i]!) return;
      this.at -= this.strides[i]! * this.shape[i]!;
      this.#index[i] = 0;
    }
  }
}

/** `words` in the order of `shape` and `strides`, as pieces of at most {@link PIECE_BYTES}. */
export function* gather(bytes: Buffer, elementBytes: number, shape: readonly number[], strides: readonly number[]): Generator<Buffer> {
  const words = wordsOf(bytes, elementBytes);
  const count = countOf(shape);
  const odometer = new Odometer(shape, strides);
  for (let done = 0; done < count; ) {
    const length = Math.min(PIECE_BYTES / elementBytes, count - done);
    const piece = Buffer.allocUnsafeSlow(length * elementBytes);
    const out = wordsOf(piece, elementBytes);
    for (let i = 0; i < length; i++, odometer.next()) out[i] = words[odometer.at]!;
    yield piece;
    done += length;
  }
}

/** Of a tensor whose storage begins at byte `start` of the file. Only what it spans is read. */
export async function* readTensor(file: InputFile, start: number, tensor: TensorView): AsyncGenerator<Buffer> {
  const { dtype, shape, strides, offset } = tensor;
  const size = bytesOf(dtype);
  const count = countOf(shape);
  if (count === 0) return;
  const from = start + offset * size;
  if (isContiguous(tensor)) return yield* file.pieces(from, count * size);
  const span = shape.reduce((sum, length, i) => sum + (length - 1) * strides[i]!, 1);
  yield* gather(await file.read(from, span * size), size, shape, strides);
}
