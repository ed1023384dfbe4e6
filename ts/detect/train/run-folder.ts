/** Where the files of a run lie, and the lock that keeps a second process out of it. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepcodeError } from '../../errors.js';

export class RunFolder {
  constructor(readonly path: string) {}

  get config(): string {
    return join(this.path, 'config.json');
  }
  get metrics(): string {
    return join(this.path, 'metrics.jsonl');
  }
  get curves(): string {
    return join(this.path, 'curves.svg');
  }
  get checkpoints(): string {
    return join(this.path, 'checkpoints');
  }
  /** The best epoch's adapter, or its timm folder where every parameter was trained. */
  best(kind: 'adapter' | 'model'): string {
    return join(this.path, kind);
  }
  /** The last epoch's. */
  last(kind: 'adapter' | 'model'): string {
    return join(this.path, `${kind}-last`);
  }
  get lock(): string {
    return join(this.path, '.lock');
  }
}

/** Failures of a file system without hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS'];

/** When a process started, in clock ticks since boot: with the id, it names a process for good. */
async function startTime(pid: number): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The command's name, in parentheses, may hold spaces; field 22 is the 20th after it.
  return status?.slice(status.lastIndexOf(')') + 2).split(' ')[19];
}

/** A hard link appears with its content or not at all, which an exclusively created file does not. */
async function takeLock(path: string): Promise<boolean> {
  const own = `${path}-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    const content = `${process.pid} ${await startTime(process.pid)}\n`;
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
  const [pid, started] = (await readFile(path, 'utf8').catch(() => '')).trim().split(' ');
  return pid === undefined || pid === '' || (await startTime(Number(pid))) !== started;
}

/**
 * Makes the folder and takes its lock. A lock left by a process that is gone is taken over.
 *
 * @returns a function that gives the lock back
 * @throws DeepcodeError ERR_BUSY when another process trains here, ERR_IO when the folder cannot be made
 */
export async function lockRun(folder: RunFolder): Promise<() => Promise<void>> {
  try {
    await mkdir(folder.checkpoints, { recursive: true });
    if (!(await takeLock(folder.lock))) {
      if (!(await isStale(folder.lock))) {
        throw new DeepcodeError(
          'ERR_BUSY',
          `Another process is training in ${folder.path}. Wait, or choose another --out.`,
        );
      }
      await rm(folder.lock, { force: true });
      if (!(await takeLock(folder.lock)))
        throw new DeepcodeError('ERR_BUSY', `Another process took ${folder.path}.`);
    }
  } catch (error) {
    if (error instanceof DeepcodeError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new DeepcodeError('ERR_IO', `The run folder ${folder.path} cannot be written (${code}).`, {
      cause: error,
    });
  }
  return () => rm(folder.lock, { force: true });
}
