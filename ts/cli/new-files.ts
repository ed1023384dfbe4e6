/** Files that a command makes: whole or not at all, and never in place of another unless that was asked for. */
import { existsSync, statSync } from 'node:fs';
import { link, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { syncFolder, toIoError } from '../weights/durable.js';
import { UsageError } from './exit-codes.js';

/** Throws UsageError for a name that is taken, unless `force` is set, or whose folder is not there. */
export function checkNewFiles(paths: readonly string[], force: boolean): void {
  for (const path of paths) {
    const folder = dirname(path);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`There is no folder ${folder}.`);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`${path} is a folder.`);
  }
  const taken = paths.filter((path) => existsSync(path));
  if (taken.length > 0 && !force) {
    throw new UsageError(`${taken[0]} exists already (${taken.length} in all). Pass --force to replace.`);
  }
}

async function writeWhole(temporary: string, bytes: Uint8Array): Promise<void> {
  const file = await open(temporary, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives the temporary file its name; without `force` only where nobody else has taken it meanwhile. */
async function place(temporary: string, path: string, force: boolean): Promise<void> {
  if (force) return rename(temporary, path);
  await link(temporary, path);
  await unlink(temporary);
}

/** @throws DeepcodeError ERR_IO, with the old file intact and nothing half-written */
export async function writeNewFile(path: string, bytes: Uint8Array, force: boolean): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await writeWhole(temporary, bytes);
    await place(temporary, path, force);
    await syncFolder(dirname(path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new DeepcodeError('ERR_IO', `${basename(path)} exists already. Pass --force to replace it.`, { cause: error });
    }
    throw toIoError(path, error);
  }
}

/**
 * Names of `count` files: {seed} and {index} (from 1) in `template` are replaced; a template without them gets
 * "-1", "-2", ... before its ending when there are several.
 */
export function numberedNames(template: string, count: number, seed: number): string[] {
  const { dir, name, ext } = parse(template);
  const pattern = count === 1 || /\{(seed|index)\}/.test(name) ? name : `${name}-{index}`;
  return Array.from({ length: count }, (_, i) => {
    const index = String(i + 1).padStart(String(count).length, '0');
    return join(dir, `${pattern.replaceAll('{seed}', String(seed + i)).replaceAll('{index}', index)}${ext}`);
  });
}
