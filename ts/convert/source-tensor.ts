/** What every reader of checkpoints gives: tensors by name, whose bytes come in pieces. */
import type { TensorDtype } from '../weights/tensor-data.js';

export interface SourceTensor {
  readonly name: string;
  readonly dtype: TensorDtype;
  /** `[]` is a scalar. */
  readonly shape: readonly number[];
  /** Row-major and little-endian, in pieces that hold whole elements. */
  bytes(): AsyncIterable<Uint8Array>;
}

export interface SourceCheckpoint {
  readonly tensors: readonly SourceTensor[];
  /** Top-level entries that hold no tensor of the model, such as an optimiser's state or an epoch. */
  readonly skipped: readonly string[];
  /** What the safetensors file says of its origin. */
  readonly metadata: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** In the order by which safetensors files are sorted, narrowest last; see ts/convert/safetensors-stream.ts. */
const BYTES_OF: Readonly<Record<TensorDtype, number>> = {
  BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, F8_E8M0: 1, F8_E4M3FNUZ: 1, F8_E5M2FNUZ: 1,
  I16: 2, U16: 2, F16: 2, BF16: 2, I32: 4, U32: 4, F32: 4, C64: 8, F64: 8, I64: 8, U64: 8,
}; // prettier-ignore

/** Bytes of one element. */
export const bytesOf = (dtype: TensorDtype): number => BYTES_OF[dtype];

const DTYPE_ORDER = Object.keys(BYTES_OF);

/** The place of a dtype in the order that the reference writer sorts by: widest first. */
export const dtypeRank = (dtype: TensorDtype): number => DTYPE_ORDER.length - DTYPE_ORDER.indexOf(dtype);

/** The product of all sizes; 1 for a scalar. */
export const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
