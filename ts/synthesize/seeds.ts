/** Seeds of single images. */
import { createHash } from 'node:crypto';

/**
 * The first 32 bits, big-endian, of SHA-256 over "RUN:DIGEST:ATTEMPT" in decimal, lower-case hexadecimal and decimal:
 * an image depends on its photo and not on its neighbours, and is the same after an interruption.
 *
 * @param sha256 of the photo
 * @param attempt from 0
 */
export function attemptSeed(runSeed: number, sha256: string, attempt: number): number {
  return createHash('sha256').update(`${runSeed}:${sha256}:${attempt}`).digest().readUInt32BE(0);
}
