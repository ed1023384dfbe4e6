/**
 * Writes a .safetensors file tensor by tensor, so that a checkpoint of any size passes through a few megabytes.
 * The bytes are those of writeSafetensors: widest dtype first, then by name.
 */
import { link, open, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { throwIfAborted } from '../abortable.js';
import { DeepcodeError } from '../errors.js';
import { syncFolder, toIoError } from '../weights/durable.js';
import { besides, removeLeftovers } from '../weights/leftovers.js';
import { shown } from './input-file.js';
import { bytesOf, countOf, dtypeRank, type SourceTensor } from './source-tensor.js';

const MAX_RANK = 8;
const MAX_NAME_BYTES = 1 << 16;
const MAX_HEADER_BYTES = 100_000_000;

/** The rules by which ts/weights reads: what it would refuse is not written. */
function checkTensor({ name, shape }: SourceTensor): void {
  const refuse = (reason: string): DeepcodeError =>
    new DeepcodeError('ERR_WEIGHTS_FORMAT', `A tensor named ${shown(name)} cannot be written: ${reason}.`);
  if (name === '' || name === '__proto__' || name === '__metadata__') throw refuse('safetensors has no such names');
  if (/\p{Surrogate}/u.test(name)) throw refuse('its name is not text');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw refuse('its name is too long');
  if (shape.length > MAX_RANK) throw refuse(`it has more than ${MAX_RANK} dimensions`);
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const inFileOrder = (a: SourceTensor, b: SourceTensor): number =>
  dtypeRank(a.dtype) - dtypeRank(b.dtype) || byBytes(a.name, b.name);

/** The length, the JSON and the padding before the first tensor. */
function headerOf(tensors: readonly SourceTensor[], metadata: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(metadata).sort(([a], [b]) => byBytes(a, b));
  const quote = (text: string): string => JSON.stringify(text);
  const members = pairs.length === 0 ? [] : [`"__metadata__":{${pairs.map(([key, value]) => `${quote(key)}:${quote(value)}`).join(',')}}`];
  let offset = 0;
  for (const { name, dtype, shape } of tensors) {
    const end = offset + bytesOf(dtype) * countOf(shape);
    members.push(`${quote(name)}:{"dtype":"${dtype}","shape":[${shape.join(',')}],"data_offsets":[${offset},${end}]}`);
    offset = end;
  }
  const json = Buffer.from(`{${members.join(',')}}`);
  if (json.length > MAX_HEADER_BYTES) throw new DeepcodeError('ERR_WEIGHTS_FORMAT', 'There are too many tensors for one safetensors file.');
  const bytes = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
  json.copy(bytes, 8);
  return bytes;
}

async function writeTensor(file: FileHandle, tensor: SourceTensor, signal: AbortSignal | undefined): Promise<void> {
  let written = 0;
  for await (const piece of tensor.bytes()) {
    throwIfAborted(signal);
    await file.writeFile(piece);
    written += piece.byteLength;
  }
  if (written === bytesOf(tensor.dtype) * countOf(tensor.shape)) return;
  throw new DeepcodeError('ERR_INTERNAL', `Tensor ${shown(tensor.name)} gave ${written} bytes, which do not match its shape.`);
}

export interface StreamOptions {
  /** Whether an existing file is replaced; otherwise it is an error, also when it appears meanwhile. */
  replace: boolean;
  signal?: AbortSignal | undefined;
  /** Called before each tensor. */
  onTensor?: ((tensor: SourceTensor, index: number) => void) | undefined;
}

async function writeAll(path: string, sorted: readonly SourceTensor[], header: Buffer, options: StreamOptions): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(header);
    for (const [index, tensor] of sorted.entries()) {
      options.onTensor?.(tensor, index);
      await writeTensor(file, tensor, options.signal);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes a temporary file beside `target` and gives it its name when all of it is on the disk: after a failure
 * nothing new is there, and what was there is intact.
 *
 * @returns the tensors in the order of the file; rejects with DeepcodeError ERR_WEIGHTS_FORMAT for what the format
 *   cannot hold, ERR_IO, AbortError, or with what a tensor's bytes() throws
 */
export async function streamSafetensors(
  target: string,
  tensors: readonly SourceTensor[],
  metadata: Readonly<Record<string, string>>,
  options: StreamOptions,
): Promise<readonly SourceTensor[]> {
  tensors.forEach(checkTensor);
  if (new Set(tensors.map(({ name }) => name)).size < tensors.length) {
    throw new DeepcodeError('ERR_WEIGHTS_FORMAT', 'Two tensors have one name.');
  }
  const sorted = [...tensors].sort(inFileOrder);
  const header = headerOf(sorted, metadata);
  const fresh = besides(target, 'new');
  try {
    await removeLeftovers(dirname(target));
    await writeAll(fresh, sorted, header, options);
    if (options.replace) await rename(fresh, target);
    else await link(fresh, target).then(() => unlink(fresh));
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    const taken = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw taken ? alreadyThere(target, error) : toIoError(target, error);
  }
  return sorted;
}

/** The error of a target that is there and may not be replaced. */
export function alreadyThere(target: string, cause?: unknown): DeepcodeError {
  return new DeepcodeError('ERR_IO', `${basename(target)} exists already. Set force (--force) to replace it.`, { cause });
}
