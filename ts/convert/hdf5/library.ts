/**
 * libhdf5, compiled to WebAssembly (h5wasm), with nothing in reach but one file. It sees a file system of its own that
 * holds /input and nothing else, so that links, external storage and plugins lead nowhere; its memory has a ceiling.
 * To be loaded in a worker only: it changes globals.
 */
import { readSync } from 'node:fs';

/** What is used of h5wasm's low-level interface. */
export interface Hdf5Module {
  readonly FS: {
    createFile(parent: string, name: string, properties: object, canRead: boolean, canWrite: boolean): Hdf5FileNode;
  };
  readonly HEAPU8: Uint8Array;
  readonly H5G_GROUP: number;
  readonly H5G_DATASET: number;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  open(path: string, mode: number, trackOrder: boolean, libverLow: number, libverHigh: number): bigint;
  get_names(file: bigint, path: string, recursive: boolean): string[];
  get_type(file: bigint, path: string): number;
  get_symbolic_link(file: bigint, path: string): string | null;
  get_external_link(file: bigint, path: string): { filename?: string };
  get_attribute_names(file: bigint, path: string): string[];
  get_attribute_metadata(file: bigint, path: string, name: string): Hdf5Metadata;
  get_attribute_data(file: bigint, path: string, name: string, pointer: bigint): number;
  get_dataset_metadata(file: bigint, path: string): Hdf5Metadata;
  get_dataset_filters(file: bigint, path: string): { id: number }[];
  get_dataset_data(file: bigint, path: string, count: bigint[] | null, offset: bigint[] | null, strides: bigint[] | null, pointer: bigint): number;
}

export interface Hdf5Metadata {
  readonly type: number;
  readonly size: number;
  readonly signed: boolean;
  readonly vlen: boolean;
  readonly total_size: number;
  /** Null for a dataset without values. */
  readonly shape: number[] | null;
  readonly chunks: number[] | null;
  readonly virtual_sources?: object[];
}

interface Hdf5FileNode {
  id: number;
  mode: number;
  node_ops: object;
  stream_ops: object;
}

/** Something that is refused; the message continues "FILE: ". */
export class Hdf5Refusal extends Error {}

const PAGE_BYTES = 1 << 16;

/** Above what the library starts with; a chunk has to fit in, so that larger files may have more. */
const HEAP_GROWTH = 1 << 23;

/** Reads of the file for one request: what loops through the file comes to an end here. */
const MAX_READS = 100_000;

/** The part of the platform's WebAssembly that is needed; its types come with the DOM's only. */
declare const WebAssembly: { readonly Memory: { readonly prototype: { grow(pages: number): number } } };

/** Memory of the library grows by this function alone; where it throws, the library sees malloc fail. */
function limitMemory(bytes: number): void {
  const { prototype } = WebAssembly.Memory;
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { grow } = prototype;
  let left = Math.floor(bytes / PAGE_BYTES);
  prototype.grow = function (pages: number): number {
    if (pages > left) throw new RangeError('the memory limit is reached');
    left -= pages;
    return grow.call(this, pages);
  };
}

export interface Hdf5Library {
  readonly module: Hdf5Module;
  /** Runs one operation. Throws Hdf5Refusal where the library reports any error, even if it went on. */
  run<T>(operation: () => T): T;
  /** Before each request. */
  resetReads(): void;
}

/** The library with /input being the file open as `fd`. `onRead` is called before and after every read. */
export async function loadHdf5(fd: number, fileSize: number, onRead: () => void): Promise<Hdf5Library> {
  let failed = false;
  // libhdf5 prints its errors and h5wasm does not look at every status: what is printed is the surest sign.
  console.error = () => (failed = true);
  console.log = console.warn = () => {};
  const { ready } = (await import('h5wasm')) as unknown as { ready: Promise<Hdf5Module> };
  const module = await ready;
  limitMemory(HEAP_GROWTH + fileSize);
  let reads = 0;
  const file = module.FS.createFile('/', 'input', {}, true, false);
  const date = new Date(0);
  file.node_ops = {
    getattr: () => ({
      dev: 1, ino: file.id, mode: file.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size: fileSize,
      atime: date, mtime: date, ctime: date, blksize: 4096, blocks: Math.ceil(fileSize / 512),
    }),
  }; // prettier-ignore
  file.stream_ops = {
    llseek: (stream: { position: number }, offset: number, whence: number) => offset + (whence === 1 ? stream.position : whence === 2 ? fileSize : 0),
    read: (_stream: object, buffer: Int8Array, at: number, length: number, position: number) => {
      if (++reads > MAX_READS) throw new Hdf5Refusal('it refers to itself without end');
      onRead();
      const got = readSync(fd, buffer, at, Math.max(0, Math.min(length, fileSize - position)), position);
      onRead();
      return got;
    },
  };
  return {
    module,
    resetReads: () => (reads = 0),
    run(operation) {
      const result = operation();
      if (failed) throw new Hdf5Refusal('it is damaged, or holds what the HDF5 library cannot read');
      return result;
    },
  };
}
