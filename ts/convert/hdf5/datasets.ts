/** The datasets of an HDF5 file, and blocks of them. */
import type { TensorDtype } from '../../weights/tensor-data.js';
import { countOf } from '../source-tensor.js';
import { Hdf5Refusal, type Hdf5Library, type Hdf5Metadata } from './library.js';
import type { Hdf5Dataset } from './protocol.js';

const READ_ONLY = 0;

/** H5T_class_t. */
const CLASS = { integer: 0, float: 1, string: 3 } as const;

/** H5Z_filter_t: those that h5py's gzip option uses. */
const FILTERS: ReadonlySet<number> = new Set([1, 2]);

const MAX_DEPTH = 16;
const MAX_OBJECTS = 1 << 16;
const MAX_RANK = 8;
const MAX_CONFIG_BYTES = 1 << 24;

/** A filter may have made the values smaller, but not without end; without one, they are all in the file. */
const MAX_RATIO = 64;
const RATIO_FROM_BYTES = 1 << 20;

/** Code that Python would run to have the model; weights alone do not hold what it does. */
const LAMBDA = /"class_name":\s*"[\w.>]*Lambda"/;

const pathText = (path: readonly string[]): string => `/${path.join('/')}`;

const tooLarge = (): Hdf5Refusal => new Hdf5Refusal('its datasets are larger than the file can hold');

function dtypeOf({ type, size, signed, shape }: Hdf5Metadata): TensorDtype | null {
  if (shape === null || shape.length > MAX_RANK) return null;
  if (type === CLASS.float) return ({ 2: 'F16', 4: 'F32', 8: 'F64' } as const)[size] ?? null;
  if (type !== CLASS.integer || ![1, 2, 4, 8].includes(size)) return null;
  return `${signed ? 'I' : 'U'}${8 * size}` as TensorDtype;
}

export class Hdf5Datasets {
  readonly #library: Hdf5Library;
  readonly #file: bigint;
  readonly #fileSize: number;
  #objects = 0;
  #bytes = 0;

  constructor(library: Hdf5Library, fileSize: number) {
    this.#library = library;
    this.#fileSize = fileSize;
    this.#file = library.run(() => library.module.open('/input', READ_ONLY, false, -1, -1));
  }

  /** All datasets, sorted by path. Throws Hdf5Refusal for whatever leads out of the file or is not plain data. */
  list(): Hdf5Dataset[] {
    this.#checkConfig();
    this.#objects = 0;
    this.#bytes = 0;
    return this.#listGroup([]);
  }

  #listGroup(path: readonly string[]): Hdf5Dataset[] {
    if (path.length > MAX_DEPTH) throw new Hdf5Refusal('its groups are nested without end');
    const { module, run } = this.#library;
    const names = run(() => module.get_names(this.#file, pathText(path), false));
    return names.flatMap((name) => this.#listObject([...path, name]));
  }

  #listObject(path: readonly string[]): Hdf5Dataset[] {
    if (++this.#objects > MAX_OBJECTS) throw new Hdf5Refusal('it holds more objects than a model has');
    const { module, run } = this.#library;
    const text = pathText(path);
    if (run(() => module.get_external_link(this.#file, text)).filename !== undefined) throw new Hdf5Refusal('it links to another file');
    if (run(() => module.get_symbolic_link(this.#file, text)) !== null) throw new Hdf5Refusal('it has a soft link, which Keras does not write');
    const type = run(() => module.get_type(this.#file, text));
    if (type === module.H5G_GROUP) return this.#listGroup(path);
    if (type !== module.H5G_DATASET) throw new Hdf5Refusal('it holds an object that is neither a group nor a dataset');
    return [this.#describe(path)];
  }

  #describe(path: readonly string[]): Hdf5Dataset {
    const { module, run } = this.#library;
    const metadata = run(() => module.get_dataset_metadata(this.#file, pathText(path)));
    const { shape, chunks, size, total_size: count } = metadata;
    if (metadata.virtual_sources !== undefined) throw new Hdf5Refusal('it has a dataset whose values are in other places');
    const filters = run(() => module.get_dataset_filters(this.#file, pathText(path)));
    if (filters.some(({ id }) => !FILTERS.has(id))) throw new Hdf5Refusal('it has a dataset behind a filter other than gzip and shuffle');
    // A chunk is in memory as a whole, however few of its values there are.
    if (chunks !== null && size * countOf(chunks) > MAX_RATIO * this.#fileSize + RATIO_FROM_BYTES) throw tooLarge();
    const dtype = dtypeOf(metadata);
    if (dtype !== null) this.#addBytes(count * size, filters.length > 0);
    return { path, dtype, shape: shape ?? [], chunkRows: chunks?.[0] ?? 1 };
  }

  #addBytes(bytes: number, filtered: boolean): void {
    this.#bytes += filtered ? bytes / MAX_RATIO : bytes;
    if (this.#bytes > this.#fileSize + RATIO_FROM_BYTES / MAX_RATIO) throw tooLarge();
  }

  /** The values, or the characters, of an attribute. Its size must be known to be small. */
  #attribute(name: string, bytes: number): Uint8Array {
    const { module, run } = this.#library;
    return this.#withMemory(bytes, (pointer) => run(() => module.get_attribute_data(this.#file, '/', name, BigInt(pointer))));
  }

  /** Refuses models with a Lambda layer. The configuration is searched, not parsed. */
  #checkConfig(): void {
    const { module, run } = this.#library;
    if (!run(() => module.get_attribute_names(this.#file, '/')).includes('model_config')) return;
    const { type, vlen, size, total_size: count } = run(() => module.get_attribute_metadata(this.#file, '/', 'model_config'));
    if (type !== CLASS.string || count !== 1 || size > MAX_CONFIG_BYTES) throw new Hdf5Refusal('its model_config is not text');
    const bytes = Buffer.from(this.#attribute('model_config', size));
    const config = vlen ? this.#textAt(bytes.readUInt32LE(0)) : bytes.toString('latin1');
    if (LAMBDA.test(config)) {
      throw new Hdf5Refusal('its model has a Lambda layer, which is code that would have to be run; save the weights alone with save_weights');
    }
  }

  /** Characters in the library's memory, up to the zero. */
  #textAt(pointer: number): string {
    const { HEAPU8 } = this.#library.module;
    const end = pointer === 0 ? 0 : HEAPU8.indexOf(0, pointer);
    if (end < 0 || end - pointer > MAX_CONFIG_BYTES) throw new Hdf5Refusal('its model_config is not text');
    return Buffer.from(HEAPU8.subarray(pointer, end)).toString('latin1');
  }

  #withMemory(bytes: number, fill: (pointer: number) => number): Uint8Array {
    const { module } = this.#library;
    const pointer = module._malloc(bytes);
    if (pointer === 0) throw new Hdf5Refusal('it needs more memory than its size explains');
    try {
      if (fill(pointer) < 0) throw new Hdf5Refusal('it is damaged, or holds what the HDF5 library cannot read');
      return module.HEAPU8.slice(pointer, pointer + bytes);
    } finally {
      module._free(pointer);
    }
  }

  /** A block in row-major order, little-endian. */
  read(path: readonly string[], bytes: number, offset: readonly number[], count: readonly number[]): Uint8Array {
    const { module, run } = this.#library;
    const whole = count.length === 0;
    const big = (numbers: readonly number[]): bigint[] | null => (whole ? null : numbers.map(BigInt));
    const strides = count.map(() => 1);
    return this.#withMemory(bytes, (pointer) =>
      run(() => module.get_dataset_data(this.#file, pathText(path), big(count), big(offset), big(strides), BigInt(pointer))),
    );
  }
}
