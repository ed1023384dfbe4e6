// The pinned libtorch, brought into the cache.

import { fetchPinned, httpsSource, pipSource } from './fetch-pinned.mjs';
import info from './libtorch-info.cjs';
import { looksComplete } from './manifest.mjs';
import paths from './paths.cjs';
import pins from './pins.cjs';
import pythons from './python.cjs';

const { ARCHIVE, VERSION, WHEEL } = pins;

/** The C++ half, and the files that say which version this is: not code, and only these by name. */
export const LIBTORCH_MEMBERS = {
  folders: ['include/', 'lib/', 'share/cmake/'],
  files: ['version.py', 'build-version'],
};

/**
 * The ways to get the files, in the order they are tried. pip first asks the user's own indexes; on
 * PyPI itself there is no CPU build for Linux, so that asks PyTorch's index next.
 */
export function defaultSources(env = process.env) {
  const python = pythons.pythonWithPip(env);
  const viaPip = (index) => pipSource(WHEEL, { python, index, env });
  const viaHttps = httpsSource(ARCHIVE, `libtorch ${VERSION}`);
  return [...(python ? [viaPip(undefined), viaPip(WHEEL.index)] : []), viaHttps];
}

const LIBTORCH = {
  name: 'libtorch',
  version: VERSION,
  members: LIBTORCH_MEMBERS,
  target: (env) => paths.libtorchCacheDir(VERSION, env),
  sources: defaultSources,
  isWhole: looksComplete,
  whyUnusable: (folder) => {
    const found = info.inspectLibtorch(folder);
    return typeof found === 'string' ? found : undefined;
  },
  instead: ['Or set DEEPCODE_LIBTORCH to the folder of a libtorch that is already there.'],
  unreachable: [
    'Install PyTorch in the active Python, which is then used: python3 -m pip install torch==2.13.0',
    'Or download libtorch elsewhere and set DEEPCODE_LIBTORCH to its folder.',
  ],
};

/** The cached libtorch, fetched if need be: {root, include, lib, version, cuda, cxx11abi, source}. */
export async function fetchLibtorch({ env = process.env, sources } = {}) {
  const root = await fetchPinned(LIBTORCH, { env, sources });
  return { ...info.inspectLibtorch(root), source: 'cache' };
}
