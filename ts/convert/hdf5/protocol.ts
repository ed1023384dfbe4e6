/** What the HDF5 worker is asked and what it answers. */
import type { TensorDtype } from '../../weights/tensor-data.js';

/** Handed over when the worker starts. */
export interface WorkerSetup {
  readonly fd: number;
  readonly fileSize: number;
  /** Goes up by one before each read of the file and by one after it; see ./watchdog.ts. */
  readonly heartbeat: SharedArrayBuffer;
}

export interface Hdf5Dataset {
  /** Groups and name, from the root. */
  readonly path: readonly string[];
  /** Null where it holds no numbers that a tensor could hold. */
  readonly dtype: TensorDtype | null;
  readonly shape: readonly number[];
  /** Rows that are stored together; 1 where the dataset is in one piece. */
  readonly chunkRows: number;
}

export type Hdf5Request =
  | { readonly kind: 'list' }
  /** A block of a dataset: `count` values from `offset` on, along each dimension. */
  | { readonly kind: 'read'; readonly path: readonly string[]; readonly bytes: number; readonly offset: readonly number[]; readonly count: readonly number[] };

export type Hdf5Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'list'; readonly datasets: readonly Hdf5Dataset[] }
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  /** Continues "FILE: ". */
  | { readonly kind: 'refused'; readonly reason: string };
