/** The images of a folder, at any depth. */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { IMAGE_FILE, listFolder } from './datasets/folders.js';

export interface FoundImage {
  path: string;
  /** Below the folder, with forward slashes. */
  name: string;
}

/** A folder below the given one which cannot be listed. */
export interface UnreadFolder {
  name: string;
  error: DeepcodeError;
}

export interface FoundImages {
  /** In the order of folders and names, by code point. */
  images: FoundImage[];
  unread: UnreadFolder[];
}

const unreadable = (what: string, error: unknown): DeepcodeError =>
  new DeepcodeError('ERR_IO', `${what} cannot be read: ${(error as NodeJS.ErrnoException).code}.`, { cause: error });

/** Links to folders are not followed: they may lead back. `skipped` is a real path. */
async function search(folder: string, inside: string, skipped: string | undefined, found: FoundImages): Promise<void> {
  const path = join(folder, inside);
  if ((await realpath(path)) === skipped) return;
  const { folders, files } = await listFolder(path);
  const below = (name: string): string => (inside === '' ? name : `${inside}/${name}`);
  for (const file of files) {
    if (IMAGE_FILE.test(file)) found.images.push({ path: join(path, file), name: below(file) });
  }
  for (const name of folders) {
    await search(folder, below(name), skipped, found).catch((error: unknown) => {
      found.unread.push({ name: below(name), error: unreadable('The folder', error) });
    });
  }
}

export const NO_IMAGE_FILE = 'holds no .jpg, .jpeg, .jfif, .png or .webp file';

/**
 * All images below a folder, perhaps none. Names that begin with a dot or `__` do not count, as in data sets.
 *
 * @param skipped a folder that is left out, for output that may lie among the images
 * @throws DeepcodeError ERR_IO when the folder itself cannot be read
 */
export async function searchImages(folder: string, skipped?: string): Promise<FoundImages> {
  const found: FoundImages = { images: [], unread: [] };
  const without = skipped === undefined ? undefined : await realpath(skipped).catch(() => undefined);
  await search(folder, '', without, found).catch((error: unknown) => {
    throw unreadable(`The folder ${folder.slice(-120)}`, error);
  });
  return found;
}

/**
 * As {@link searchImages}, of a folder that must hold one.
 *
 * @throws DeepcodeError ERR_IO, ERR_DATASET when there is nothing in it
 */
export async function findImages(folder: string, skipped?: string): Promise<FoundImages> {
  const found = await searchImages(folder, skipped);
  if (found.images.length > 0) return found;
  throw new DeepcodeError('ERR_DATASET', `${folder.slice(-120)} ${NO_IMAGE_FILE}.`);
}
