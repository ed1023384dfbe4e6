/** Development data that lies beside the checkout and is not part of the repository. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SHARED = resolve(__dirname, '..', '..', '..', 'shared');

/** The absolute path of a file or folder there, for example `data/faces256`; undefined when it is absent. */
export function sharedPath(relative: string): string | undefined {
  const path = join(SHARED, relative);
  return existsSync(path) ? path : undefined;
}
