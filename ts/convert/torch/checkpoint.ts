/** What both formats of torch.save have in common: a pickle that names storages, and the storages. */
import type { DeepcodeError } from '../../errors.js';
import type { InputFile } from '../input-file.js';
import type { ByteReader } from '../pickle/byte-reader.js';
import { readPickle } from '../pickle/machine.js';
import { findStateDict } from '../pickle/state-dict.js';
import { PickleRefusal, type PickleValue, type StorageRef } from '../pickle/values.js';
import { bytesOf, countOf, type SourceCheckpoint, type SourceTensor } from '../source-tensor.js';
import { readTensor } from './strided.js';

/** A tensor may show its storage many times over (stride 0, or tied weights), but not without end. */
const MAX_EXPANSION = 16;
const EXPANSION_FROM_BYTES = 1 << 24;

/** What PickleRefusal says, as an error about the file. */
export function asError(file: InputFile, error: unknown): unknown {
  return error instanceof PickleRefusal ? file.refuse(`its pickle ${error.message}`) : error;
}

/** `onStorage` is told of every storage that the pickle names. @throws DeepcodeError ERR_WEIGHTS_FORMAT */
export function readPickleOf(file: InputFile, input: ByteReader, onStorage?: (storage: StorageRef) => void): PickleValue {
  try {
    return readPickle(input, onStorage);
  } catch (error) {
    throw asError(file, error);
  }
}

/** Bytes of the whole storage. */
export const storageBytes = ({ dtype, count }: StorageRef): number => count * (dtype === null ? 1 : bytesOf(dtype));

function checkExpansion(file: InputFile, tensors: readonly SourceTensor[]): DeepcodeError | undefined {
  const total = tensors.reduce((sum, { dtype, shape }) => sum + bytesOf(dtype) * countOf(shape), 0);
  if (total <= Math.max(EXPANSION_FROM_BYTES, MAX_EXPANSION * file.size)) return undefined;
  return file.refuse(`its tensors would take ${MAX_EXPANSION} times the file's size or more`);
}

/** Resolves with the byte of the file where a storage begins, when its size and its checksum are right. */
export type FindStorage = (storage: StorageRef) => Promise<number>;

/**
 * The tensors of a checkpoint's pickle.
 *
 * @param check throws for a storage that is not in the file, or of another size
 */
export function openPickled(file: InputFile, root: PickleValue, check: (storage: StorageRef) => void, find: FindStorage): SourceCheckpoint {
  let found;
  try {
    found = findStateDict(root);
  } catch (error) {
    throw asError(file, error);
  }
  for (const storage of new Set([...found.tensors.values()].map((view) => view.storage))) check(storage);
  const tensors = [...found.tensors].map(([name, view]): SourceTensor => ({
    name,
    dtype: view.dtype,
    shape: view.shape,
    async *bytes() {
      if (countOf(view.shape) > 0) yield* readTensor(file, await find(view.storage), view);
    },
  }));
  const refusal = checkExpansion(file, tensors);
  if (refusal) throw refusal;
  return { tensors, skipped: found.skipped, metadata: { format: 'pt' }, close: () => file.close() };
}
