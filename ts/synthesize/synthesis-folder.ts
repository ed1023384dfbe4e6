/** Where the files of a synthesis lie. `real/` and `fake/` make the folder a data set. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { writeAtomicFile } from '../weights/atomic-folder.js';
import { toIoError } from '../weights/durable.js';
import { sha256Of } from './photos.js';

export class SynthesisFolder {
  constructor(readonly path: string) {}

  get config(): string {
    return join(this.path, 'config.json');
  }
  get manifest(): string {
    return join(this.path, 'manifest.jsonl');
  }
  /** What was read of photos that have no image yet: after an interruption it need not be read again. */
  get readings(): string {
    return join(this.path, 'readings.jsonl');
  }
  /** @param number from 1 */
  sheet(number: number): string {
    return join(this.path, `contact-sheet-${String(number).padStart(2, '0')}.png`);
  }
  /** @param name below this folder, with forward slashes */
  file(name: string): string {
    return join(this.path, ...name.split('/'));
  }

  /** Rejects with ERR_IO when the folder holds something that no synthesis wrote. */
  async checkOwn(): Promise<void> {
    const entries = (await readdir(this.path)).filter((name) => !name.startsWith('.'));
    if (entries.length === 0 || entries.includes('config.json')) return;
    throw new DeepcodeError(
      'ERR_IO',
      `${this.path.slice(-120)} is not empty and holds no synthesis to continue. Choose another --out.`,
    );
  }

  /** Writes a file below the folder, whole or not at all. Rejects with ERR_IO. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.file(name);
    await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
      throw toIoError(path, error);
    });
    await writeAtomicFile(path, bytes);
  }

  /** Whether the file is there and has this content. */
  async holds(name: string, sha256: string): Promise<boolean> {
    const bytes = await readFile(this.file(name)).catch(() => undefined);
    return bytes !== undefined && sha256Of(bytes) === sha256;
  }

  async remove(name: string): Promise<void> {
    await rm(this.file(name), { force: true });
  }
}
