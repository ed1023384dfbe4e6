/** A file of one JSON object a line, to which lines are added so that each is on the disk or not there. */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { writeAtomicFile } from '../weights/atomic-folder.js';
import { toIoError } from '../weights/durable.js';

function parseLine<T>(line: string, path: string): T {
  try {
    return JSON.parse(line) as T;
  } catch (cause) {
    throw new DeepcodeError('ERR_CONFIG', `${basename(path)} is damaged. Restore it, or choose another --out.`, { cause });
  }
}

/** The lines of the file; a torn last line, as `kill -9` may leave, is dropped. A file that is not there has none. */
export async function readJsonLines<T>(path: string): Promise<T[]> {
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new DeepcodeError('ERR_IO', `${basename(path)} cannot be read: ${error.code}.`, { cause: error });
  });
  const complete = content.slice(0, content.lastIndexOf('\n') + 1);
  return complete.split('\n').flatMap((line) => (line === '' ? [] : [parseLine<T>(line, path)]));
}

export class JsonLines<T extends object> {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Opens the file with exactly these lines in it. Rejects with ERR_IO. */
  static async open<T extends object>(path: string, lines: readonly T[]): Promise<JsonLines<T>> {
    await writeAtomicFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return new JsonLines(path, await open(path, 'a'));
  }

  /** The line is on the disk when this resolves. Rejects with ERR_IO. */
  async append(line: T): Promise<void> {
    try {
      await this.#file.appendFile(`${JSON.stringify(line)}\n`);
      await this.#file.datasync();
    } catch (error) {
      throw toIoError(this.#path, error);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
