/** The options of convertCheckpoint and of `deepcode convert`. */
import { choice, flag, text, type Given } from '../options.js';

export const CONVERT_OPTIONS = {
  stripPrefix: text({ placeholder: 'PREFIX', help: 'remove this from the beginning of names, for example module.' }),
  layout: choice({
    choices: ['keras', 'pytorch'],
    default: 'keras',
    help: "kernels of an HDF5 file in Keras's order (H, W, in, out) or in PyTorch's (out, in, H, W)",
  }),
  force: flag({ help: 'replace the output if it exists' }),
} as const;

export const CONVERT_DTYPE = choice({
  choices: ['auto', 'fp32', 'bf16', 'fp16'],
  default: 'auto',
  help: 'dtype of floating-point tensors in the output; auto is that of the input',
});

export type ConvertOptions = Given<typeof CONVERT_OPTIONS & { dtype: typeof CONVERT_DTYPE }> & { signal?: AbortSignal };
