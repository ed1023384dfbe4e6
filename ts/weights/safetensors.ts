/** Reading and writing .safetensors files, validated natively before any byte is used. */
import { fileURLToPath } from 'node:url';
import { checkKind } from '../arguments.js';
import { DeepcodeError, invalidArgument } from '../errors.js';
import { callNative } from '../native.js';
import type { NativeWeights } from '../native/weights.js';
import { arrayOfBytes, checkTensorData, type TensorData, type TensorDtype } from './tensor-data.js';

export interface TensorInfo {
  readonly name: string;
  readonly dtype: TensorDtype;
  /** Row-major; `[]` is a scalar. At most 8 dimensions. */
  readonly shape: readonly number[];
  /** The file that holds it, without folder; tells shards apart. */
  readonly file: string;
}

function pathOf(path: string | URL): string {
  const text = path instanceof URL ? fileURLToPath(path) : path;
  if (typeof text === 'string' && text !== '' && !text.includes('\0')) return text;
  throw invalidArgument('path', 'a file path', path);
}

/** An open file. Tensors are read on demand from its memory map; `close()` lets go of it. */
export class SafetensorsFile {
  /** Free-form strings from the header; of all shards together. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly #tensors: ReadonlyMap<string, TensorInfo>;
  readonly #weights: NativeWeights;
  #closed = false;

  private constructor(weights: NativeWeights) {
    this.#weights = weights;
    this.metadata = new Map(weights.metadata);
    this.#tensors = new Map(weights.tensors.map((info) => [info.name, info as TensorInfo]));
  }

  /**
   * Opens a .safetensors file, or a `model.safetensors.index.json` together with its shards.
   *
   * Throws TypeError for what is no path. Rejects with DeepcodeError: ERR_IO where a file cannot be read,
   * ERR_WEIGHTS_FORMAT where it breaks a rule of the format, ERR_WEIGHTS_MISSING and ERR_WEIGHTS_UNEXPECTED where
   * the shards are not what the index lists.
   */
  static open(path: string | URL): Promise<SafetensorsFile> {
    const file = pathOf(path);
    return callNative(undefined, (addon) => addon.weightsOpen(file)).then((weights) => new SafetensorsFile(weights));
  }

  /** Sorted by code point. */
  get names(): string[] {
    return [...this.#tensors.keys()];
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** Throws DeepcodeError ERR_WEIGHTS_MISSING for a name that is not there. */
  info(name: string): TensorInfo {
    const info = this.#tensors.get(name);
    if (info !== undefined) return info;
    throw new DeepcodeError('ERR_WEIGHTS_MISSING', `There is no tensor '${String(name).slice(0, 80)}' in this file.`);
  }

  /** A copy of one tensor. Rejects with ERR_WEIGHTS_MISSING, ERR_DISPOSED after close(), or ERR_IO. */
  async tensor(name: string): Promise<TensorData> {
    if (this.#closed) throw new DeepcodeError('ERR_DISPOSED', 'This file was closed. Open it again.');
    const { dtype, shape } = this.info(name);
    const bytes = await callNative(undefined, (addon) => addon.weightsRead(this.#weights, name));
    return { dtype, shape, data: arrayOfBytes(dtype, bytes) };
  }

  /** Idempotent. Reads in flight finish. */
  close(): void {
    this.#closed = true;
    this.#weights.dispose();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export interface Safetensors {
  tensors: Map<string, TensorData>;
  metadata: Map<string, string>;
}

/** Reads a whole file, or a whole sharded checkpoint, into memory. Errors as {@link SafetensorsFile.open}. */
export function readSafetensors(path: string | URL): Promise<Safetensors> {
  return SafetensorsFile.open(path).then(readEverything);
}

async function readEverything(file: SafetensorsFile): Promise<Safetensors> {
  try {
    const tensors = new Map<string, TensorData>();
    for (const name of file.names) tensors.set(name, await file.tensor(name));
    return { tensors, metadata: new Map(file.metadata) };
  } finally {
    file.close();
  }
}

type Entries<T> = Iterable<readonly [string, T]> | Readonly<Record<string, T>>;

function entriesOf<T>(name: string, value: Entries<T>): (readonly [string, T])[] {
  if (!Array.isArray(value)) checkKind(name, 'object', value);
  if (!(Symbol.iterator in value)) return Object.entries(value);
  return Array.from(value as Iterable<readonly [string, T]>, (entry) => {
    if (Array.isArray(entry) && typeof entry[0] === 'string') return entry;
    throw invalidArgument(name, 'pairs of a name and a value', entry);
  });
}

function checkMetadata(entries: (readonly [string, string])[]): [string, string][] {
  return entries.map(([key, value]) => {
    if (typeof value !== 'string') throw invalidArgument(`metadata ${key}`, 'a string', value);
    return [key, value];
  });
}

/**
 * Writes a file atomically: temporary file in the same folder, sync, rename, sync of the folder. The same tensors
 * and metadata give the same bytes, in any order. The arrays must not change until the promise settles.
 *
 * Throws TypeError for what are no tensors by name, and where a tensor's dtype, shape and data do not belong together.
 * Rejects with ERR_IO where the file cannot be written (the old one is then intact) and ERR_WEIGHTS_FORMAT for names a
 * reader would refuse.
 */
export function writeSafetensors(
  path: string | URL,
  tensors: Entries<TensorData>,
  metadata: Entries<string> = {},
): Promise<void> {
  const file = pathOf(path);
  const list = entriesOf('tensors', tensors).map(([name, tensor]) => {
    checkTensorData(`tensor ${name}`, tensor);
    return { name, dtype: tensor.dtype, shape: tensor.shape, data: tensor.data };
  });
  const pairs = checkMetadata(entriesOf('metadata', metadata));
  return callNative(undefined, (addon) => addon.weightsWrite(file, list, pairs));
}
