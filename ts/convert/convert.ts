/** Checkpoints of PyTorch and Keras as .safetensors files. */
import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { DeepcodeError, invalidArgument } from '../errors.js';
import { resolveOptions } from '../options.js';
import type { TensorDtype } from '../weights/tensor-data.js';
import { castTensor } from './cast.js';
import { shown } from './input-file.js';
import { openCheckpoint, type CheckpointFormat, type OpenedCheckpoint } from './open-checkpoint.js';
import { CONVERT_DTYPE, CONVERT_OPTIONS, type ConvertOptions } from './options.js';
import { alreadyThere, streamSafetensors, type StreamOptions } from './safetensors-stream.js';
import type { SourceTensor } from './source-tensor.js';

export interface ConvertedTensor {
  readonly name: string;
  readonly dtype: TensorDtype;
  /** `[]` is a scalar. */
  readonly shape: readonly number[];
}

export interface ConversionReport {
  /** Absolute path of the file that was written. */
  readonly output: string;
  /** Which format the input was found to be in. */
  readonly format: CheckpointFormat;
  /** In the order of the output. */
  readonly tensors: readonly ConvertedTensor[];
  /** Entries of the input that are not in the output, for example `optimizer` or `epoch`. */
  readonly skipped: readonly string[];
  /** As written to the output: `format`, and for Keras `kernel_layout`. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ConvertHooks {
  /** Called before each tensor is read. */
  readonly onTensor?: (name: string, index: number, total: number) => void;
}

const SAFETENSORS = { fp32: 'F32', fp16: 'F16', bf16: 'BF16' } as const;

function stripPrefix(tensors: readonly SourceTensor[], prefix: string, file: string): readonly SourceTensor[] {
  if (!tensors.some(({ name }) => name.startsWith(prefix))) {
    throw new DeepcodeError('ERR_WEIGHTS_MISSING', `${file}: no tensor's name begins with ${shown(prefix)}. The first is ${shown(tensors[0]!.name)}.`);
  }
  const renamed = tensors.map((tensor) => ({ ...tensor, name: tensor.name.startsWith(prefix) ? tensor.name.slice(prefix.length) : tensor.name }));
  if (new Set(renamed.map(({ name }) => name)).size === renamed.length) return renamed;
  throw new DeepcodeError('ERR_WEIGHTS_FORMAT', `${file}: without ${shown(prefix)}, two tensors have one name.`);
}

function checkPaths(input: string, output: string): void {
  if (typeof input !== 'string' || input === '' || input.includes('\0')) throw invalidArgument('input', 'a file path', input);
  const isPath = typeof output === 'string' && !output.includes('\0') && output.endsWith('.safetensors');
  if (!isPath) throw invalidArgument('output', 'a path that ends in .safetensors', output);
}

/** A link to the input that is called .safetensors must not be replaced by what is made of it. */
function isSameFile(input: string, output: string): boolean {
  const [a, b] = [input, output].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

async function write(opened: OpenedCheckpoint, name: string, output: string, options: ConvertOptions, stream: StreamOptions): Promise<ConversionReport> {
  const { format, skipped, metadata } = opened;
  if (opened.tensors.length === 0) throw new DeepcodeError('ERR_WEIGHTS_MISSING', `${name}: there is no tensor in it.`);
  const dtype = options.dtype === 'auto' ? undefined : SAFETENSORS[options.dtype!];
  const named = options.stripPrefix ? stripPrefix(opened.tensors, options.stripPrefix, name) : opened.tensors;
  const tensors = dtype === undefined ? named : named.map((tensor) => castTensor(tensor, dtype));
  const written = await streamSafetensors(output, tensors, metadata, stream);
  return { output, format, tensors: written.map(({ name, dtype, shape }) => ({ name, dtype, shape })), skipped, metadata };
}

async function convert(input: string, output: string, options: ConvertOptions, { onTensor }: ConvertHooks): Promise<ConversionReport> {
  const { force, layout, signal } = options;
  if (!force && existsSync(output)) throw alreadyThere(output);
  const opened = await openCheckpoint(input, layout!);
  try {
    const total = opened.tensors.length;
    return await write(opened, basename(input), output, options, {
      replace: force!,
      signal,
      onTensor: ({ name }, index) => onTensor?.(name, index, total),
    });
  } finally {
    await opened.close();
  }
}

/**
 * Converts a PyTorch checkpoint (torch.save's zip format or the one before it) or Keras weights (HDF5) to a
 * .safetensors file. Nothing of the input is executed: pickles are read by a machine that knows state dicts only, HDF5
 * files are searched for datasets of numbers only. Tensors are written one piece at a time; `output` is whole or not
 * there at all.
 *
 * Nested dictionaries become dotted names; wrappers such as `state_dict` or `model` are taken off. The names of a Keras
 * file are `layer.weight`, for example `conv2d_1.kernel`. With `layout: 'pytorch'` its kernels are transposed (HWIO to
 * OIHW, depthwise to (in x multiplier, 1, H, W), dense to (out, in)); names stay as they are.
 *
 * Throws TypeError for wrong arguments. Rejects with DeepcodeError ERR_WEIGHTS_FORMAT for what is refused, ERR_IO
 * (also where `output` exists and `force` is not set), ERR_WEIGHTS_MISSING where there is no tensor or `stripPrefix`
 * matches none, ERR_NONFINITE where `dtype` cannot hold a value; AbortError.
 */
export function convertCheckpoint(input: string, output: string, options: ConvertOptions = {}, hooks: ConvertHooks = {}): Promise<ConversionReport> {
  const resolved = { ...resolveOptions({ ...CONVERT_OPTIONS, dtype: CONVERT_DTYPE }, options), signal: options.signal };
  checkPaths(input, output);
  const path = resolve(output);
  if (isSameFile(input, path)) throw invalidArgument('output', 'another file than the input', output);
  return convert(input, path, resolved, hooks);
}
