// One model in the cache, in the layout that Python's huggingface_hub reads and writes:
//   models--org--name/refs/<revision>              the commit that a branch or a tag named last
//   models--org--name/snapshots/<commit>/<path>    links to
//   models--org--name/blobs/<oid>                  the bytes, once each

import { randomBytes } from 'node:crypto';
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { type Expectation } from './digest.js';
import { diskCode, onDisk } from './failures.js';
import { isCommit, repoFolder } from './names.js';

export class ModelCache {
  readonly root: string;

  constructor(cacheDir: string, id: string) {
    this.root = join(cacheDir, repoFolder(id));
  }

  blob(oid: string): string {
    return join(this.root, 'blobs', oid);
  }

  snapshot(commit: string): string {
    return join(this.root, 'snapshots', commit);
  }

  pointer(commit: string, path: string): string {
    return join(this.snapshot(commit), ...path.split('/'));
  }

  /** The commit that a revision named when it was last asked for. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (isCommit(revision)) return revision;
    const text = await readFile(join(this.root, 'refs', ...revision.split('/')), 'utf8').catch(
      () => '',
    );
    return isCommit(text.trim()) ? text.trim() : undefined;
  }

  /** Remembers what a branch or a tag names; writes only when that has changed. */
  async remember(revision: string, commit: string): Promise<void> {
    if (isCommit(revision) || (await this.commitOf(revision)) === commit) return;
    const target = join(this.root, 'refs', ...revision.split('/'));
    await onDisk(replace(target, (temporary) => writeFile(temporary, commit, { flag: 'wx' })));
  }

  /** Paths of a snapshot, those of dangling links left out. */
  async paths(commit: string): Promise<string[]> {
    const folder = this.snapshot(commit);
    const names = await readdir(folder, { recursive: true }).catch(() => [] as string[]);
    const found = await Promise.all(
      names.map(async (name) => ((await isFile(join(folder, name))) ? [name] : [])),
    );
    return found.flat().sort();
  }

  /**
   * What a cached file must hash to by the name of its blob; undefined where it is no link to one.
   */
  async expectation(commit: string, path: string): Promise<Expectation | undefined> {
    const pointer = this.pointer(commit, path);
    const blobs = await realpath(join(this.root, 'blobs')).catch(() => undefined);
    const target = await realpath(pointer).catch(() => '');
    const oid = basename(target);
    const named = dirname(target) === blobs && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid);
    return named ? { oid } : undefined;
  }

  /** Puts a link to a blob into a snapshot, in one step. */
  async link(commit: string, path: string, oid: string): Promise<void> {
    const pointer = this.pointer(commit, path);
    const target = relative(dirname(pointer), this.blob(oid));
    if ((await readlink(pointer).catch(() => undefined)) === target) return;
    await onDisk(replace(pointer, (temporary) => symlinkOrCopy(target, this.blob(oid), temporary)));
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

/** Some file systems have no links. */
async function symlinkOrCopy(target: string, blob: string, at: string): Promise<void> {
  try {
    await symlink(target, at);
  } catch (error) {
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(diskCode(error) ?? '')) throw error;
    await copyFile(blob, at);
  }
}

/** Makes a file under a temporary name and moves it over the old one. */
async function replace(target: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const temporary = join(dirname(target), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await make(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
