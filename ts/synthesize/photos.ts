/** The bytes of photos, and what their images are called. */
import { createHash } from 'node:crypto';
import { DECODE_OPTIONS } from '../data/decode.js';
import { IMAGE_FILE } from '../data/datasets/folders.js';
import type { FoundImage } from '../data/find-images.js';
import { readImageBytes } from '../data/image-input.js';

export interface PhotoBytes {
  bytes: Uint8Array;
  sha256: string;
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Rejects with ERR_IO, ERR_IMAGE (too long a file), AbortError. */
export async function readPhoto({ path }: FoundImage, signal: AbortSignal | undefined): Promise<PhotoBytes> {
  const bytes = await readImageBytes(path, { maxBytes: DECODE_OPTIONS.maxBytes.default, signal });
  return { bytes, sha256: sha256Of(bytes) };
}

/**
 * A PNG name for each photo, below `fake/`: its own with another ending, or with a number where two photos differ in
 * their endings alone. Names in `given`, by photo, are kept.
 */
export function imageNames(names: readonly string[], given: ReadonlyMap<string, string>): Map<string, string> {
  const taken = new Set(given.values());
  const result = new Map<string, string>();
  for (const name of names) {
    const stem = name.replace(IMAGE_FILE, '');
    let image = given.get(name) ?? `${stem}.png`;
    for (let i = 2; !given.has(name) && taken.has(image); i++) image = `${stem}-${i}.png`;
    taken.add(image);
    result.set(name, image);
  }
  return result;
}
