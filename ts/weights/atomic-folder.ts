/** Files and folders that are there as a whole, old or new, whenever the process is killed. */
import { lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFile, syncFolder, toIoError } from './durable.js';
import { filesBelow, MANIFEST_FILE, verifyFolder, writeManifest } from './folder-manifest.js';
import { besides, removeLeftovers } from './leftovers.js';

/** Told after each step, for progress and for tests that stop there. */
export type SaveStage = 'created' | 'written' | 'synced' | 'replacing' | 'renamed';

/** Files first, the manifest after them, the names last: a manifest on the disk means that all of it is there. */
async function seal(folder: string): Promise<void> {
  const files = await filesBelow(folder);
  for (const file of files) await syncFile(join(folder, file));
  await writeManifest(folder, files);
  await syncFile(join(folder, MANIFEST_FILE));
  const folders = new Set(files.map((file) => dirname(join(folder, file))).concat(folder));
  for (const path of folders) await syncFolder(path);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(() => true, () => false);
}

/** A rename cannot replace a folder with content, so the old one steps aside; {@link removeLeftovers} knows it. */
async function replaceFolder(fresh: string, target: string, onStage: (stage: SaveStage) => void): Promise<void> {
  const old = (await exists(target)) ? besides(target, 'old') : undefined;
  if (old !== undefined) await rename(target, old);
  onStage('replacing');
  try {
    await rename(fresh, target);
  } catch (error) {
    if (old !== undefined) await rename(old, target);
    throw error;
  }
  await syncFolder(dirname(target));
  onStage('renamed');
  if (old !== undefined) await rm(old, { recursive: true, force: true });
}

/**
 * Writes a folder: `fill` puts files into a temporary folder beside `target`; they are synced and listed in a
 * manifest with SHA-256 that is written last; when all of it reads back intact, it takes the place of `target`,
 * and only then is the old one removed. Killed at any moment, `target` is afterwards the old or the new folder
 * ({@link removeLeftovers}, which every later write beside it calls, puts the old one back if need be).
 *
 * Rejects with DeepcodeError ERR_IO where the file system refuses, ERR_CHECKSUM where it does not return what was
 * written, or with what `fill` throws; `target` is then as it was and no temporary folder stays.
 */
export async function writeAtomicFolder(
  target: string,
  fill: (folder: string) => Promise<void>,
  onStage: (stage: SaveStage) => void = () => {},
): Promise<void> {
  const fresh = besides(target, 'new');
  try {
    await removeLeftovers(dirname(target));
    await mkdir(fresh, { recursive: true });
    onStage('created');
    await fill(fresh);
    onStage('written');
    await seal(fresh);
    await verifyFolder(fresh);
    onStage('synced');
    await replaceFolder(fresh, target, onStage);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => {});
    throw toIoError(target, error);
  }
}

/** Writes a file by temporary file, sync, rename and sync of the folder. Rejects with DeepcodeError ERR_IO. */
export async function writeAtomicFile(target: string, content: string | Uint8Array): Promise<void> {
  const fresh = besides(target, 'new');
  try {
    await removeLeftovers(dirname(target));
    await writeFile(fresh, content, { flag: 'wx' });
    await syncFile(fresh);
    await rename(fresh, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {});
    throw toIoError(target, error);
  }
}
