// Is the binary still what its sources would give? Contents are compared, not times: a fresh clone, a
// branch switched there and back and a touched file all keep a good build good.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import paths from './paths.cjs';

// Environment that changes what the compiler does.
const VARIABLES = ['CXX', 'CXXFLAGS', 'LDFLAGS', 'DEEPCODE_CMAKE_ARGS'];

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function isNativeSource(file) {
  return /\.(h|cc|inc)$/.test(file) && !relative(paths.projectRoot, file).startsWith('native/toolchain');
}

/** "2.13.0" of "2.13.0+cu130": CPU and CUDA builds of one version take the same binary. */
export const baseVersion = (libtorch) => libtorch.version.replace(/\+.*/, '');

/** SHA-256 over everything that goes into the binary: sources, libtorch's version, the environment. */
export function sourceFingerprint(libtorch, env = process.env) {
  const hash = createHash('sha256');
  const files = sourceFiles(join(paths.projectRoot, 'native')).filter(isNativeSource).sort();
  for (const file of [join(paths.projectRoot, 'CMakeLists.txt'), ...files]) {
    hash
      .update(`${relative(paths.projectRoot, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  hash.update(JSON.stringify([baseVersion(libtorch), ...VARIABLES.map((name) => env[name] ?? '')]));
  return hash.digest('hex');
}

/** Size and time of the finished binary, to notice that somebody replaced it. */
export function binaryStamp(file) {
  const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return size === undefined ? undefined : `${size}:${Math.floor(mtimeMs)}`;
}
