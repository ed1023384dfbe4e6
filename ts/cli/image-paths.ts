/** From what the user named (files, folders, globs, `-`) to the images to look at. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NO_IMAGE_FILE, searchImages } from '../data/find-images.js';
import { DeepcodeError } from '../errors.js';
import { glob, isGlob } from './glob.js';

/** The name under which standard input is reported. */
export const STDIN = '-';

/** An image to read, or a named place where there is none. */
export type ImagePath =
  { path: string; error?: undefined } | { path: string; error: DeepcodeError };

async function isFolder(path: string): Promise<boolean | undefined> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return undefined;
  }
}

function missing(path: string, message: string): ImagePath[] {
  return [{ path, error: new DeepcodeError('ERR_IO', message) }];
}

/** Its images, then what in it cannot be listed: one closed folder costs no image of another. */
async function fromFolder(folder: string): Promise<ImagePath[]> {
  try {
    const { images, unread } = await searchImages(folder);
    const closed = unread.map(({ name, error }) => ({ path: join(folder, name), error }));
    if (images.length + closed.length === 0) return missing(folder, `The folder ${NO_IMAGE_FILE}.`);
    return [...images.map(({ path }) => ({ path })), ...closed];
  } catch (error) {
    if (error instanceof DeepcodeError) return [{ path: folder, error }];
    throw error;
  }
}

async function fromGlob(pattern: string): Promise<ImagePath[]> {
  const images: ImagePath[] = [];
  for (const path of await glob(pattern)) {
    if (await isFolder(path)) continue;
    images.push({ path });
  }
  return images.length > 0 ? images : missing(pattern, 'No file matches the pattern.');
}

async function fromArgument(argument: string): Promise<ImagePath[]> {
  if (argument === STDIN) return [{ path: STDIN }];
  const folder = await isFolder(argument);
  if (folder === undefined && isGlob(argument)) return fromGlob(argument);
  if (folder) return fromFolder(argument);
  return folder === undefined
    ? missing(argument, 'There is no such file or folder.')
    : [{ path: argument }];
}

/**
 * Every image that the arguments name, in their order and each path once. A named file is taken whatever its
 * name; in folders the name's ending decides, and names that begin with a dot or `__` do not count.
 */
export async function imagePaths(args: readonly string[]): Promise<ImagePath[]> {
  const paths = new Map<string, ImagePath>();
  for (const argument of args) {
    for (const image of await fromArgument(argument)) {
      if (!paths.has(image.path)) paths.set(image.path, image);
    }
  }
  return [...paths.values()];
}
