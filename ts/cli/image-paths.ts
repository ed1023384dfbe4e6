/** From what the user named (files, folders, globs, `-`) to the images to look at. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { glob, isGlob } from './glob.js';

/** The name under which standard input is reported. */
export const STDIN = '-';

const IMAGE_NAME = /\.(jpe?g|png|webp)$/i;

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

/** Images below a folder, sorted; hidden entries and links to folders are left out. */
async function imagesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const images: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      for (const image of await imagesBelow(path)) images.push(image);
    } else if (IMAGE_NAME.test(entry.name)) images.push(path);
  }
  return images;
}

function missing(path: string, message: string): ImagePath[] {
  return [{ path, error: new DeepcodeError('ERR_IO', message) }];
}

async function fromFolder(folder: string): Promise<ImagePath[]> {
  try {
    const images = await imagesBelow(folder);
    if (images.length > 0) return images.map((path) => ({ path }));
    return missing(folder, 'The folder holds no .jpg, .jpeg, .png or .webp file.');
  } catch (error) {
    return missing(folder, `The folder cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
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
 * name; in folders the name's ending decides.
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
