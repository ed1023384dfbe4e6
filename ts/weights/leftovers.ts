/**
 * Names for files and folders in the making, and what to do with those whose maker was killed.
 *
 * `.NAME.new-OWNER` is not finished yet; `.NAME.old-OWNER` is what NAME was until a moment ago. OWNER is its
 * writer: host, id and start time.
 */
import { randomBytes } from 'node:crypto';
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hostName, startOf, writerId } from '../writer.js';

const PATTERN = /^\.(?<name>.+)\.(?<kind>new|old)-(?<host>[0-9a-f]{8})-(?<id>\d+)-(?<start>\d+)-[0-9a-f]{8}$/;

/** After this, a leftover of another host is taken for dead: its writer cannot be asked for. */
const FOREIGN_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** A path beside `path` that nobody else uses and that is recognised later. */
export function besides(path: string, kind: 'new' | 'old'): string {
  const id = writerId();
  const owner = `${hostName()}-${id}-${startOf(id)}-${randomBytes(4).toString('hex')}`;
  return join(dirname(path), `.${basename(path)}.${kind}-${owner}`);
}

type Groups = Record<'name' | 'kind' | 'host' | 'id' | 'start', string>;

async function isAbandoned(path: string, { host, id, start }: Groups): Promise<boolean> {
  // By the machine's name: what a power cut left is put back as soon as it is up again.
  if (host === hostName()) return startOf(id) !== start;
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > FOREIGN_LIFETIME_MS;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(() => true, () => false);
}

/**
 * Cleans up in `folder` after writers that were killed at it: what was unfinished is removed, what was
 * moved aside for a replacement that never came is put back. A folder that is not there needs no cleaning.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const entry of await readdir(folder).catch(() => [])) {
    const groups = PATTERN.exec(entry)?.groups as Groups | undefined;
    const path = join(folder, entry);
    if (groups === undefined || !(await isAbandoned(path, groups))) continue;
    const target = join(folder, groups.name);
    if (groups.kind === 'old' && !(await exists(target))) await rename(path, target);
    else await rm(path, { recursive: true, force: true });
  }
}
