/** Tensors outside of libtorch: a dtype, a shape and a typed array. */
import { invalidArgument } from '../errors.js';
import { floatDecoder } from './float-decode.js';

/** Each dtype of the safetensors format that libtorch has, and the typed array that holds its values. */
const ARRAY_TYPES = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
  C64: Float32Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
  F8_E8M0: Uint8Array,
  F8_E4M3FNUZ: Uint8Array,
  F8_E5M2FNUZ: Uint8Array,
} as const;

export type TensorDtype = keyof typeof ARRAY_TYPES;
/** Over memory of any kind, shared memory too. */
export type TensorArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

export interface TensorData {
  /** As in the file. */
  dtype: TensorDtype;
  /** Row-major; `[]` is a scalar. */
  shape: readonly number[];
  /**
   * Product-of-shape values. F16, BF16 and the 8-bit floats are raw bits (see {@link toFloat32Array}), BOOL is 0
   * or 1, C64 is real and imaginary parts in turn.
   */
  data: TensorArray;
}

export function isTensorDtype(name: unknown): name is TensorDtype {
  return typeof name === 'string' && Object.hasOwn(ARRAY_TYPES, name);
}

/** The typed array of `dtype` on bytes that belong to nobody else; copied only where they are not aligned. */
export function arrayOfBytes(dtype: TensorDtype, bytes: Uint8Array): TensorArray {
  const ArrayType = ARRAY_TYPES[dtype];
  const aligned = bytes.byteOffset % ArrayType.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  const length = aligned.byteLength / ArrayType.BYTES_PER_ELEMENT;
  return new ArrayType(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
}

/** Throws TypeError where dtype, shape and data do not belong together. */
export function checkTensorData(name: string, tensor: TensorData): void {
  if (tensor === null || typeof tensor !== 'object') throw invalidArgument(name, 'a tensor', tensor);
  const { dtype, shape, data } = tensor;
  if (!isTensorDtype(dtype)) throw invalidArgument(`the dtype of ${name}`, 'a safetensors dtype', dtype);
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw invalidArgument(`the shape of ${name}`, 'an array of whole numbers', shape);
  }
  const ArrayType = ARRAY_TYPES[dtype];
  if (!(data instanceof ArrayType)) throw invalidArgument(`the data of ${name}`, ArrayType.name, data);
  const length = shape.reduce((product, size) => product * size, dtype === 'C64' ? 2 : 1);
  if (data.length !== length) {
    throw invalidArgument(`the data of ${name}`, `${length} values for shape [${shape.join(', ')}]`, data.length);
  }
}

/**
 * The values as 32-bit floats: a copy, exact for F16, BF16, 8-bit floats, BOOL and integers up to 24 bits, else
 * rounded. C64 gives real and imaginary parts in turn.
 *
 * @throws TypeError where dtype, shape and data do not belong together
 */
export function toFloat32Array(tensor: TensorData): Float32Array {
  checkTensorData('tensor', tensor);
  const { dtype, data } = tensor;
  const decode = floatDecoder(dtype);
  if (decode !== undefined) return Float32Array.from(data as Uint16Array | Uint8Array, decode);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Float32Array.from(data as ArrayLike<bigint> & Iterable<bigint>, Number);
  }
  return Float32Array.from(data as ArrayLike<number>);
}
