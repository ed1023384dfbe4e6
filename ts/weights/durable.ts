/** Files and folders that are on the disk when a call returns, and failures of the file system as ERR_IO. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { DeepcodeError } from '../errors.js';

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space, or choose another folder.',
  EDQUOT: 'the quota is used up. Free some space, or choose another folder.',
  EFBIG: 'the file would be over the size limit. Raise the limit, or choose another folder.',
  EACCES: 'permission denied. Check the permissions, or choose another folder.',
  EPERM: 'permission denied. Check the permissions, or choose another folder.',
  EROFS: 'the file system is read-only. Choose another folder.',
  ENOENT: 'a folder of this path does not exist. Check the path.',
  ENOTDIR: 'a part of this path is not a folder. Check the path.',
};

/** An error of the file system as DeepcodeError ERR_IO that names `path` without its folder; others as they are. */
export function toIoError(path: string, error: unknown): unknown {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof DeepcodeError || typeof code !== 'string' || typeof syscall !== 'string') return error;
  const reason = ADVICE[code] ?? `${syscall} failed with ${code}.`;
  return new DeepcodeError('ERR_IO', `Cannot write ${basename(path)}: ${reason}`, { cause: error });
}

/** Waits until the file's content is on the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Waits until the names in the folder are on the disk. Some network file systems cannot; that is not an error. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
  } finally {
    await folder.close();
  }
}
