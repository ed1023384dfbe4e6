/** The options of convertCheckpoint and of `deepcode convert`. */
import { choice, flag, RUNTIME_OPTIONS, text, type Given } from '../options.js';

export const CONVERT_OPTIONS = {
  stripPrefix: text({ placeholder: 'PREFIX', help: 'remove this from the beginning of names, for example module.' }),
  layout: choice({
    choices: ['keras', 'pytorch'],
    default: 'keras',
    help: "kernels of an HDF5 file in Keras's order (H, W, in, out) or in PyTorch's (out, in, H, W)",
  }),
  force: flag({ help: 'replace the output if it exists' }),
} as const;

/** The dtype that every command takes, of the output here. */
export const CONVERT_DTYPE = {
  ...RUNTIME_OPTIONS.dtype,
  help: 'dtype of floating-point tensors in the output; auto is that of the input',
} as const;

export type ConvertOptions = Given<typeof CONVERT_OPTIONS & { dtype: typeof CONVERT_DTYPE }> & { signal?: AbortSignal };
