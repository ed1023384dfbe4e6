/** The photos of a folder, and what their copies and images are called. */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { DECODE_OPTIONS } from '../data/decode.js';
import { IMAGE_FILE, listFolder } from '../data/datasets/folders.js';
import { readImageBytes } from '../data/image-input.js';
import { DeepcodeError } from '../errors.js';

export interface Photo {
  path: string;
  /** Below the folder, with forward slashes. */
  name: string;
}

/** A folder below that of the photos which cannot be listed. */
export interface UnreadFolder {
  name: string;
  error: DeepcodeError;
}

export interface FoundPhotos {
  /** In the order of folders and names, by code point. */
  photos: Photo[];
  unread: UnreadFolder[];
}

const unreadable = (what: string, error: unknown): DeepcodeError =>
  new DeepcodeError('ERR_IO', `${what} cannot be read: ${(error as NodeJS.ErrnoException).code}.`, { cause: error });

/** Links to folders are not followed: they may lead back. `skipped` is a real path. */
async function search(folder: string, inside: string, skipped: string | undefined, found: FoundPhotos): Promise<void> {
  const path = join(folder, inside);
  if ((await realpath(path)) === skipped) return;
  const { folders, files } = await listFolder(path);
  const below = (name: string): string => (inside === '' ? name : `${inside}/${name}`);
  for (const file of files) {
    if (IMAGE_FILE.test(file)) found.photos.push({ path: join(path, file), name: below(file) });
  }
  for (const name of folders) {
    await search(folder, below(name), skipped, found).catch((error: unknown) => {
      found.unread.push({ name: below(name), error: unreadable('The folder', error) });
    });
  }
}

/**
 * All photos below a folder. Names that begin with a dot or `__` do not count, as in data sets.
 *
 * @param skipped a folder that is left out, as the output may lie among the photos
 * @throws DeepcodeError ERR_IO when the folder itself cannot be read, ERR_DATASET when there is nothing in it
 */
export async function findPhotos(folder: string, skipped: string): Promise<FoundPhotos> {
  const found: FoundPhotos = { photos: [], unread: [] };
  const without = await realpath(skipped).catch(() => undefined);
  await search(folder, '', without, found).catch((error: unknown) => {
    throw unreadable(`The folder of photos ${folder.slice(-120)}`, error);
  });
  if (found.photos.length > 0) return found;
  throw new DeepcodeError('ERR_DATASET', `${folder.slice(-120)} holds no .jpg, .jpeg, .jfif, .png or .webp file.`);
}

export interface PhotoBytes {
  bytes: Uint8Array;
  sha256: string;
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Rejects with ERR_IO, ERR_IMAGE (too long a file), AbortError. */
export async function readPhoto({ path }: Photo, signal: AbortSignal | undefined): Promise<PhotoBytes> {
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
