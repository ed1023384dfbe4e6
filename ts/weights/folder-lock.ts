/** A lock that keeps others out of a folder which one process, or one worker of it, writes for long. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { startOf, writerId } from '../writer.js';

const LOCK_FILE = '.lock';

/** Failures of a file system without hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS'];

/** A hard link appears with its content or not at all, which an exclusively created file does not. */
async function takeLock(path: string): Promise<boolean> {
  const id = writerId();
  const own = `${path}-${id}-${randomBytes(4).toString('hex')}`;
  try {
    const content = `${id} ${startOf(id)}\n`;
    await writeFile(own, content);
    await link(own, path).catch((error: NodeJS.ErrnoException) => {
      if (!NO_LINKS.includes(error.code ?? '')) throw error;
      return writeFile(path, content, { flag: 'wx' });
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

async function isStale(path: string): Promise<boolean> {
  const [id, started] = (await readFile(path, 'utf8').catch(() => '')).trim().split(' ');
  if (id === undefined || id === '') return true;
  const start = startOf(id);
  return start === '0' || start !== started;
}

/** What writers left that were killed while they took the lock. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const id = /^\.lock-(\d+)-[0-9a-f]{8}$/.exec(name)?.[1];
    if (id !== undefined && startOf(id) === '0') await rm(join(folder, name), { force: true });
  }
}

async function take(folder: string, doing: string): Promise<void> {
  const path = join(folder, LOCK_FILE);
  if (await takeLock(path)) return;
  if (!(await isStale(path))) {
    throw new DeepcodeError('ERR_BUSY', `Another process is ${doing} in ${folder}. Wait, or choose another --out.`);
  }
  await rm(path, { force: true });
  if (!(await takeLock(path))) throw new DeepcodeError('ERR_BUSY', `Another process took ${folder}.`);
}

/**
 * Makes the folder and takes its lock. A lock left by a process or a worker that is gone is taken over.
 *
 * @param doing what the folder is locked for, for the message: "training"
 * @param make makes the folder, with what else it needs; default: the folder alone
 * @returns a function that gives the lock back
 * @throws DeepcodeError ERR_BUSY when another process holds it, ERR_IO when the folder cannot be made
 */
export async function lockFolder(
  folder: string,
  doing: string,
  make: () => Promise<unknown> = () => mkdir(folder, { recursive: true }),
): Promise<() => Promise<void>> {
  try {
    await make();
    await take(folder, doing);
    await removeUnfinished(folder);
  } catch (error) {
    if (error instanceof DeepcodeError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new DeepcodeError('ERR_IO', `The folder ${folder} cannot be written (${code}).`, { cause: error });
  }
  return () => rm(join(folder, LOCK_FILE), { force: true });
}
