// Finds a libtorch to build against: DEEPCODE_LIBTORCH, an importable Python torch, the cache, and
// at last a download into the cache.

import { fetchLibtorch } from './fetch-libtorch.mjs';
import { log, ToolchainError } from './report.mjs';
import runtime from './runtime-libtorch.cjs';

export const USE_OTHER_LIBTORCH =
  'Set DEEPCODE_LIBTORCH to the folder of a libtorch 2.11 to 2.14 (the one that holds include/ and lib/).';

function withHeaders({ libtorch, rejected }) {
  if (!libtorch || libtorch.include) return { libtorch, rejected };
  const reason = 'it has no include/torch: it can run the addon but not build it';
  return { rejected: [...rejected, { ...libtorch, reason }] };
}

/**
 * Returns {root, include, lib, version, cuda, cxx11abi, source}. `allowDownload: false` returns
 * undefined instead of downloading.
 */
export async function locateLibtorch({ env = process.env, allowDownload = true } = {}) {
  const { libtorch, rejected } = withHeaders(runtime.findInstalled(env));
  if (libtorch) return libtorch;
  const asked = rejected.find(({ source }) => source === 'DEEPCODE_LIBTORCH');
  if (asked) {
    throw new ToolchainError('ERR_LIBTORCH',
      `DEEPCODE_LIBTORCH is ${asked.root}, but ${asked.reason}.`,
      [USE_OTHER_LIBTORCH, 'Or unset it: a suitable libtorch is then found or downloaded.']);
  }
  const python = rejected.find(({ source }) => source === 'python');
  if (python) log(`not using the torch of Python in ${python.root}: ${python.reason}`);
  return allowDownload ? fetchLibtorch({ env }) : undefined;
}
