// Finds a libtorch to build against: DEEPCODE_LIBTORCH, an importable Python torch, the cache, and
// at last a download into the cache.

import { fetchLibtorch } from './fetch-libtorch.mjs';
import { looksComplete } from './manifest.mjs';
import { log, ToolchainError } from './report.mjs';
import runtime from './runtime-libtorch.cjs';

export const USE_OTHER_LIBTORCH =
  'Set DEEPCODE_LIBTORCH to the folder of a libtorch 2.11 to 2.14 (the one that holds include/ and lib/).';

// What findInstalled accepts can be run with. To build, more is needed.
function whyNotBuildable(libtorch) {
  if (!libtorch.include) return 'it has no include/torch: it can run the addon but not build it';
  if (libtorch.source === 'cache' && !looksComplete(libtorch.root)) return 'files are missing from it';
  return undefined;
}

function findBuildable(env) {
  const { libtorch, rejected } = runtime.findInstalled(env);
  const reason = libtorch && whyNotBuildable(libtorch);
  return reason ? { rejected: [...rejected, { ...libtorch, reason }] } : { libtorch, rejected };
}

/**
 * Returns {root, include, lib, version, cuda, cxx11abi, source}. `allowDownload: false` returns
 * undefined instead of downloading.
 */
export async function locateLibtorch({ env = process.env, allowDownload = true } = {}) {
  const { libtorch, rejected } = findBuildable(env);
  if (libtorch) return libtorch;
  const asked = rejected.find(({ source }) => source === 'DEEPCODE_LIBTORCH');
  if (asked) {
    throw new ToolchainError('ERR_LIBTORCH', `DEEPCODE_LIBTORCH is ${asked.root}, but ${asked.reason}.`, [
      USE_OTHER_LIBTORCH,
      'Or unset it: a suitable libtorch is then found or downloaded.',
    ]);
  }
  const python = rejected.find(({ source }) => source === 'python');
  if (python) log(`not using the torch of Python in ${python.root}: ${python.reason}`);
  return allowDownload ? fetchLibtorch({ env }) : undefined;
}
