import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { verifyFile } from './digest.js';
import { checksumError, onDisk } from './failures.js';
import { type ResolvedModel } from './job.js';
import { pinnedHash, selectFiles, type Selection } from './selection.js';

async function listFiles(folder: string): Promise<string[]> {
  const entries = await onDisk(readdir(folder, { recursive: true }));
  const infos = await Promise.all(
    entries.map((name) => stat(join(folder, name)).catch(() => undefined)),
  );
  return entries.filter((_, i) => infos[i]?.isFile());
}

/**
 * A folder of the user's: taken as it is, but what was asked for must be there, and pinned hashes
 * hold.
 *
 * @throws DeepcodeError ERR_IO for a missing file, ERR_CHECKSUM
 */
export async function fromFolder(path: string, selection: Selection): Promise<ResolvedModel> {
  const folder = resolve(path);
  // Without a request there is nothing to look for, and the folder may be a large one.
  if (selection.required.length === 0) return { folder, commit: null, files: [] };
  const { paths, missing } = selectFiles(await listFiles(folder), selection);
  if (missing.length > 0) {
    const names = missing.slice(0, 3).join(', ');
    throw new DeepcodeError(
      'ERR_IO',
      `The model folder has no ${names}. Check that it is the right folder.`,
    );
  }
  for (const name of paths) {
    const sha256 = pinnedHash(name, selection);
    if (sha256 === undefined) continue;
    const state = await verifyFile(join(folder, name), { oid: sha256 });
    if (state !== 'good') throw checksumError(name, 'its hash is not the pinned one');
  }
  return { folder, commit: null, files: paths };
}
