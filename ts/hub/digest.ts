import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { onDisk, throwIfAborted } from './failures.js';

/** What the bytes of a file must be. */
export interface Expectation {
  /** Bytes; unknown for a file that was found in the cache without asking the hub. */
  size?: number | undefined;
  /**
   * 64 digits: SHA-256 of the bytes. 40 digits: git's object id, SHA-1 over a header and the bytes.
   */
  oid: string;
  /** A further SHA-256 that the caller pinned. */
  sha256?: string | undefined;
}

/** Hashes bytes as they come. */
export class Digest {
  private readonly hashes: { hash: Hash; expected: string }[] = [];

  /** @param size of all bytes to come; git's object id begins with it */
  constructor({ oid, sha256 }: Expectation, size: number) {
    const git = oid.length === 40;
    const hash = createHash(git ? 'sha1' : 'sha256');
    if (git) hash.update(`blob ${size}\0`);
    this.hashes.push({ hash, expected: oid });
    if (sha256 !== undefined && sha256 !== oid)
      this.hashes.push({ hash: createHash('sha256'), expected: sha256 });
  }

  update(chunk: Uint8Array): void {
    for (const { hash } of this.hashes) hash.update(chunk);
  }

  /** Ends the hashing. */
  matches(): boolean {
    return this.hashes.every(({ hash, expected }) => hash.digest('hex') === expected);
  }
}

const CHUNK = 2 ** 20;

/** Feeds the first `end` bytes of a file to a digest. */
export async function digestFile(
  path: string,
  digest: Digest,
  end: number,
  signal?: AbortSignal,
): Promise<void> {
  if (end === 0) return;
  for await (const chunk of createReadStream(path, { end: end - 1, highWaterMark: CHUNK })) {
    throwIfAborted(signal);
    digest.update(chunk as Buffer);
  }
}

/**
 * Reads a file in full and compares it with what it must be.
 *
 * @returns 'missing' also for a dangling link and for what is not a file
 * @throws AbortError; DeepcodeError ERR_IO when it cannot be read
 */
export async function verifyFile(
  path: string,
  expected: Expectation,
  signal?: AbortSignal,
): Promise<'good' | 'bad' | 'missing'> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) return 'missing';
  if (expected.size !== undefined && info.size !== expected.size) return 'bad';
  const digest = new Digest(expected, info.size);
  await onDisk(digestFile(path, digest, info.size, signal));
  return digest.matches() ? 'good' : 'bad';
}
