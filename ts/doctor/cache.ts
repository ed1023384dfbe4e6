/** The cache folder: where it is, whether it can be written, and how much it holds. */
import { accessSync, constants, existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir } from '../../native/toolchain/paths.cjs';

export interface CacheReport {
  directory: string;
  exists: boolean;
  writable: boolean;
  bytes: number;
}

function sizeOf(path: string): number {
  const info = lstatSync(path, { throwIfNoEntry: false });
  if (info === undefined) return 0;
  if (!info.isDirectory()) return info.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/** A folder that is not there yet is writable when the nearest one above it is. */
function isWritable(path: string): boolean {
  if (!existsSync(path)) return dirname(path) !== path && isWritable(dirname(path));
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function totalSize(directory: string): number {
  try {
    return sizeOf(directory);
  } catch {
    return 0; // unreadable, or removed meanwhile
  }
}

export function readCache(env: NodeJS.ProcessEnv = process.env): CacheReport {
  const directory = cacheDir(env);
  const exists = existsSync(directory);
  return { directory, exists, writable: isWritable(directory), bytes: exists ? totalSize(directory) : 0 };
}
