/** Checkpoints of other frameworks as .safetensors files. */
export { convertCheckpoint } from './convert.js';
export type { ConversionReport, ConvertedTensor, ConvertHooks } from './convert.js';
export type { CheckpointFormat } from './open-checkpoint.js';
export type { ConvertOptions } from './options.js';
