/**
 * deepcode's public interface.
 *
 * Wrong arguments throw TypeError or RangeError (codes ERR_INVALID_ARG, ERR_OUT_OF_RANGE) at once; every other failure
 * is a DeepcodeError, or AbortError, in the returned promise. Nothing is loaded before it is needed.
 */
export { AbortError, DeepcodeError, ERROR_CODES } from './errors.js';
export type { ErrorCode } from './errors.js';
export { runtimeInfo, setThreads } from './runtime.js';
export type { Dtype, RuntimeOptions } from './runtime.js';
export type { RuntimeInfo } from './native/bindings.js';
export * from './detect/index.js';
export * from './faces/index.js';
export * from './attributes/index.js';
export * from './generate/index.js';
export * from './caption/index.js';
export * from './synthesize/index.js';
export * from './exam/index.js';
export * from './data/index.js';
export * from './metrics/index.js';
export * from './plots/index.js';
export * from './hub/index.js';
export * from './convert/index.js';
export * from './fairness/index.js';
export { readSafetensors, SafetensorsFile, writeSafetensors } from './weights/safetensors.js';
export type { Safetensors, TensorInfo } from './weights/safetensors.js';
export { toFloat32Array } from './weights/tensor-data.js';
export type { TensorArray, TensorData, TensorDtype } from './weights/tensor-data.js';
