// File handling of the cache: names that tell whose they are, hashes, and errors in plain words.

import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync, statfsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { megabytes, ToolchainError } from './report.mjs';

const DAY = 24 * 3600 * 1000;
const HOST =
  hostname()
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 32) || 'host';

/** A name that no other process uses and that tells which process to ask before removing it. */
export function temporaryName() {
  return `.tmp-${HOST}-${process.pid}-${randomBytes(6).toString('hex')}`;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function isStale(folder, name) {
  const [, host, pid] = /^\.tmp-([A-Za-z0-9]+)-(\d+)-[0-9a-f]+$/.exec(name) ?? [];
  if (!host) return false;
  if (host === HOST && !isAlive(Number(pid))) return true;
  const info = statSync(join(folder, name), { throwIfNoEntry: false });
  return info !== undefined && Date.now() - info.mtimeMs > DAY;
}

/** Removes what killed processes left in `folder`. */
export function removeStale(folder) {
  for (const name of readdirSync(folder)) {
    if (isStale(folder, name)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ELOOP', 'ENAMETOOLONG'];

/**
 * An ERR_IO in plain words for what writing to the cache can run into; other errors as they are.
 * `instead` are ways to do without what was to be put there.
 */
export function explainCacheError(error, cache, instead = []) {
  if (error instanceof ToolchainError) return error;
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(error.code)) {
    return new ToolchainError(
      'ERR_IO',
      `The disk of the cache folder ${cache} is full.`,
      ['Free about 1 GB there, or set DEEPCODE_CACHE to a folder on another disk.'],
      { cause: error },
    );
  }
  if (!UNWRITABLE.includes(error.code)) return error;
  return new ToolchainError(
    'ERR_IO',
    `The cache folder ${cache} cannot be written (${error.code}).`,
    ['Set DEEPCODE_CACHE to a folder that you may write to.', ...instead],
    { cause: error },
  );
}

/** Creates `folder`; fails early when its disk cannot take `needed` more bytes. */
export function prepareFolder(folder, needed) {
  mkdirSync(folder, { recursive: true });
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= needed) return;
  throw new ToolchainError(
    'ERR_IO',
    `${megabytes(needed)} are needed in ${folder}, but only ${megabytes(bavail * bsize)} are free.`,
    ['Free some space, or set DEEPCODE_CACHE to a folder on another disk.'],
  );
}

export async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Throws ERR_CHECKSUM unless `file` is the one that `pin` names. */
export async function verifyDownload(file, pin) {
  const { size } = statSync(file);
  if (size === pin.size && (await sha256(file)) === pin.sha256) return;
  throw new ToolchainError(
    'ERR_CHECKSUM',
    `The downloaded ${pin.file} is not the pinned file (its size or SHA-256 differs).`,
    [
      'Repeat the command; if it happens again, a mirror or proxy serves another file: name another index with PIP_INDEX_URL.',
    ],
  );
}
