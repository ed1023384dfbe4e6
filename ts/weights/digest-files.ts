/** The digest of files that a run starts from: whether they are the same another time. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { throwIfAborted } from '../abortable.js';
import { AbortError, DeepcodeError } from '../errors.js';

/**
 * SHA-256 in hex over the contents of files, one after the other.
 *
 * @param what the subject of the message where a file cannot be read
 * @throws DeepcodeError ERR_IO; AbortError
 */
export async function digestFiles(paths: readonly string[], what: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for (const path of paths) {
      for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
        throwIfAborted(signal);
        hash.update(chunk as Buffer);
      }
    }
  } catch (error) {
    if (error instanceof AbortError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new DeepcodeError('ERR_IO', `${what} cannot be read (${code}).`, { cause: error });
  }
  return hash.digest('hex');
}
