// Unfinished downloads. Each has a name of its own, which says who writes it:
//   <oid>.<host>-<id>-<start>.<random>.incomplete  somebody does
//   <oid>.free.<random>.incomplete                 nobody does: whoever renames it first goes on
// A writer that was killed leaves a file of the first kind; it counts as free. Python's client leaves both alone.

import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { hostId, startOf, writerId } from '../writer.js';

const DAY = 24 * 3600 * 1000;
// Another machine's file that has not grown for this long has no writer any more.
const ABANDONED_AFTER = DAY;
// Bytes of a version that nobody came back for.
const FORGOTTEN_AFTER = 14 * DAY;
const NAME = /^([0-9a-f]+)\.(free|[0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{12}\.incomplete$/;

function ownerHere(): string {
  const id = writerId();
  return `${hostId()}-${id}-${startOf(id)}`;
}

function freshName(oid: string, owner: string): string {
  return `${oid}.${owner}.${randomBytes(6).toString('hex')}.incomplete`;
}

function isFree(owner: string, modified: number): boolean {
  if (owner === 'free') return true;
  const [host, id, start] = owner.split('-');
  if (host === hostId()) return startOf(id!) !== start;
  return Date.now() - modified > ABANDONED_AFTER;
}

interface FreeFile {
  oid: string;
  path: string;
  size: number;
  modified: number;
}

/** Files that nobody writes, the longest first. */
function freeFiles(folder: string): FreeFile[] {
  const found = readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const [, oid, owner] = NAME.exec(name) ?? [];
    const info = owner === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    if (info === undefined || !isFree(owner!, info.mtimeMs)) return [];
    return [{ oid: oid!, path, size: info.size, modified: info.mtimeMs }];
  });
  return found.sort((a, b) => b.size - a.size);
}

/** An unfinished download that this process writes. */
export class PartialFile {
  private constructor(
    readonly path: string,
    readonly handle: FileHandle,
    private readonly folder: string,
    private readonly oid: string,
  ) {}

  /**
   * Takes over the longest free file for a blob, and removes the other free ones; else begins one.
   */
  static async open(folder: string, oid: string): Promise<PartialFile> {
    const path = join(folder, freshName(oid, ownerHere()));
    let taken = false;
    for (const free of freeFiles(folder)) {
      const ours = free.oid === oid;
      if (ours && !taken) taken = await moved(free.path, path);
      else if (ours || Date.now() - free.modified > FORGOTTEN_AFTER)
        await rm(free.path, { force: true });
    }
    return new PartialFile(path, await open(path, taken ? 'r+' : 'wx+', 0o644), folder, oid);
  }

  async size(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  /** Gives the file its final name, durably. ENOENT when its folder was removed meanwhile. */
  async finish(target: string): Promise<void> {
    await this.handle.sync();
    await this.handle.close();
    await rename(this.path, target);
    await syncFolder(this.folder);
  }

  /** Leaves the bytes for a later try. */
  async release(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    const info = await stat(this.path).catch(() => undefined);
    if (info === undefined || info.size === 0) return this.discard();
    await rename(this.path, join(this.folder, freshName(this.oid, 'free'))).catch(() => undefined);
  }

  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await rm(this.path, { force: true }).catch(() => undefined);
  }
}

async function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    () => false,
  );
}

/** Makes names in a folder survive a power cut. Some file systems cannot: that is no failure. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close().catch(() => undefined);
}
