/**
 * Names for files and folders in the making, and what to do with those whose maker was killed.
 *
 * `.NAME.new-OWNER` is not finished yet; `.NAME.old-OWNER` is what NAME was until a moment ago. OWNER is a
 * process: host, process id and start time, so that a reused process id is not taken for its predecessor.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

const PATTERN = /^\.(?<name>.+)\.(?<kind>new|old)-(?<host>[0-9a-f]{8})-(?<pid>\d+)-(?<start>\d+)-[0-9a-f]{8}$/;

/** After this, a leftover of another host is taken for dead: its process cannot be asked. */
const FOREIGN_LIFETIME_MS = 24 * 60 * 60 * 1000;

const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** In clock ticks since boot; undefined for a process that is not there. */
function startTime(pid: number): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name, in parentheses, may hold spaces; field 22 is the 20th after it.
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** A path beside `path` that nobody else uses and that is recognised later. */
export function besides(path: string, kind: 'new' | 'old'): string {
  const owner = `${HOST}-${process.pid}-${startTime(process.pid) ?? 0}-${randomBytes(4).toString('hex')}`;
  return join(dirname(path), `.${basename(path)}.${kind}-${owner}`);
}

type Groups = Record<'name' | 'kind' | 'host' | 'pid' | 'start', string>;

async function isAbandoned(path: string, { host, pid, start }: Groups): Promise<boolean> {
  if (host === HOST) return startTime(Number(pid)) !== start;
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > FOREIGN_LIFETIME_MS;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(() => true, () => false);
}

/**
 * Cleans up in `folder` after processes that were killed while writing: what was unfinished is removed, what was
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
