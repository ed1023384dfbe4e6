/** Which reader a file needs, by its first bytes. */
import { InputFile } from './input-file.js';
import { openKerasCheckpoint, type KernelLayout } from './hdf5/keras-checkpoint.js';
import type { SourceCheckpoint } from './source-tensor.js';
import { openLegacyCheckpoint } from './torch/legacy-checkpoint.js';
import { openZipCheckpoint } from './torch/zip-checkpoint.js';

export type CheckpointFormat = 'pytorch' | 'pytorch-legacy' | 'keras-hdf5';

const HDF5_SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
const ZIP_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1');

/** Of tar, at byte 257: what torch.save wrote before 0.1.10. */
const TAR_SIGNATURE = Buffer.from('ustar');
const TAR_SIGNATURE_AT = 257;

const HEAD_BYTES = 512;

function findFormat(file: InputFile): CheckpointFormat {
  const head = file.readSync(0, Math.min(HEAD_BYTES, file.size));
  const has = (bytes: Buffer, at = 0): boolean => head.subarray(at, at + bytes.length).equals(bytes);
  if (has(HDF5_SIGNATURE)) return 'keras-hdf5';
  if (has(ZIP_SIGNATURE)) return 'pytorch';
  if (has(TAR_SIGNATURE, TAR_SIGNATURE_AT)) throw file.refuse('it is a tar archive; load and save it with a newer PyTorch');
  if (head[0] === 0x80) return 'pytorch-legacy';
  if (head[8] === 0x7b) throw file.refuse('it looks like a safetensors file, which needs no conversion');
  throw file.refuse('it is neither a PyTorch checkpoint nor an HDF5 file');
}

export interface OpenedCheckpoint extends SourceCheckpoint {
  readonly format: CheckpointFormat;
}

/** @throws DeepcodeError ERR_IO, ERR_WEIGHTS_FORMAT */
export async function openCheckpoint(path: string, layout: KernelLayout): Promise<OpenedCheckpoint> {
  const file = await InputFile.open(path);
  try {
    const format = findFormat(file);
    const opened =
      format === 'keras-hdf5'
        ? await openKerasCheckpoint(file, layout)
        : await (format === 'pytorch' ? openZipCheckpoint(file) : openLegacyCheckpoint(file));
    return { ...opened, format };
  } catch (error) {
    await file.close();
    throw error;
  }
}
