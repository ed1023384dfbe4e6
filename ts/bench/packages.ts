/** Packages that are compared with and are no dependencies: they are looked for where somebody may have installed them. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../package-version.js';

/**
 * What Node resolves a package, or a file of one, to; undefined where it is not installed.
 *
 * @param folder where `npm install` was called; default: this package's surroundings and the current folder
 */
export function findPackage(name: string, folder?: string): string | undefined {
  for (const start of folder === undefined ? [PACKAGE_ROOT, process.cwd()] : [folder]) {
    try {
      return createRequire(join(start, 'package.json')).resolve(name);
    } catch {
      continue;
    }
  }
  return undefined;
}
