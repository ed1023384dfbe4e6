/** Where the files of a run lie. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from '../../weights/folder-lock.js';

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
}

/**
 * Makes the folder and takes its lock.
 *
 * @returns a function that gives the lock back
 * @throws DeepcodeError ERR_BUSY when another process trains here, ERR_IO when the folder cannot be made
 */
export function lockRun(folder: RunFolder): Promise<() => Promise<void>> {
  return lockFolder(folder.path, 'training', () => mkdir(folder.checkpoints, { recursive: true }));
}
