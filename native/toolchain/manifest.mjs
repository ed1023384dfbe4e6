// What is fetched carries a list of its files, so that a copy that lost or changed some is noticed
// and replaced instead of failing in the compiler or the loader.

import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'deepcode-manifest.json';

export function writeManifest(folder, { version, origin, sha256, files }) {
  writeFileSync(join(folder, NAME), JSON.stringify({ version, origin, sha256, files }), { flush: true });
}

export function readManifest(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, NAME), 'utf8'));
  } catch {
    return undefined;
  }
}

function sizesAgree(folder, files) {
  return files.every(
    ([path, [size]]) => statSync(join(folder, path), { throwIfNoEntry: false })?.size === size,
  );
}

/** Every file is there with its size. Takes some milliseconds; meant for every start. */
export function looksComplete(folder) {
  const files = Object.entries(readManifest(folder)?.files ?? {});
  return files.length > 0 && sizesAgree(folder, files);
}

const isLibrary = (path) => path.startsWith('lib/');

/** Also hashes the code that will run, of a libtorch its libraries. Takes about a second; meant for builds. */
export function isIntact(folder, isCode = isLibrary) {
  if (!looksComplete(folder)) return false;
  const code = Object.entries(readManifest(folder).files).filter(([path]) => isCode(path));
  return code.every(
    ([path, [, digest]]) =>
      createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('base64url') === digest,
  );
}
