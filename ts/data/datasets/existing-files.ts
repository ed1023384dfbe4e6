/** Tells which of many files exist, with one listing a folder instead of one call a file. */
import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

export class ExistingFiles {
  readonly #folders = new Map<string, Promise<ReadonlySet<string>>>();

  async has(path: string): Promise<boolean> {
    return (await this.#names(dirname(path))).has(basename(path));
  }

  #names(folder: string): Promise<ReadonlySet<string>> {
    let names = this.#folders.get(folder);
    if (names === undefined) {
      names = readdir(folder).then((list) => new Set(list), () => new Set<string>());
      this.#folders.set(folder, names);
    }
    return names;
  }
}
