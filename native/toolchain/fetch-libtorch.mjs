// Brings the pinned libtorch into the cache. Kept safe against being killed at any moment: everything
// is made under a temporary name, checked, synced and then renamed; what is left over goes next time.

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { extractLibtorch } from './extract.mjs';
import { explainCacheError, prepareFolder, removeStale, temporaryName, verifyDownload } from './files.mjs';
import { download } from './http.mjs';
import info from './libtorch-info.cjs';
import { withLock } from './lock.mjs';
import { looksComplete, writeManifest } from './manifest.mjs';
import paths from './paths.cjs';
import pins from './pins.cjs';
import { downloadWithPip } from './pip.mjs';
import pythons from './python.cjs';
import { log, progress, ToolchainError } from './report.mjs';

/**
 * The ways to get the files, in the order they are tried. pip first asks the user's own indexes; on
 * PyPI itself there is no CPU build for Linux, so that asks PyTorch's index next.
 */
export function defaultSources(env = process.env) {
  const python = pythons.pythonWithPip(env);
  const { WHEEL, ARCHIVE } = pins;
  const viaPip = (index) => ({
    pin: WHEEL,
    label: `pip${index ? ` from ${new URL(index).host}` : ''}`,
    get: (target) => downloadWithPip(WHEEL, target, { python, index, env }),
  });
  const viaHttps = {
    pin: ARCHIVE,
    label: new URL(ARCHIVE.url).host,
    get: (target) =>
      download(ARCHIVE, target, { onProgress: progress(`downloading libtorch ${pins.VERSION}`) }),
  };
  return [...(python ? [viaPip(undefined), viaPip(WHEEL.index)] : []), viaHttps];
}

// A whole file from a run that was killed while extracting is as good as a new one, if it is whole.
async function obtain({ pin, label, get }, folder) {
  const target = join(folder, pin.file);
  if (existsSync(target)) {
    try {
      await verifyDownload(target, pin);
      return target;
    } catch {
      rmSync(target, { force: true });
    }
  }
  log(`downloading libtorch ${pins.VERSION} with ${label}`);
  await get(target);
  return target;
}

async function obtainFromAny(sources, folder) {
  const failures = [];
  for (const source of sources) {
    try {
      return { pin: source.pin, file: await obtain(source, folder) };
    } catch (error) {
      if (!(error instanceof ToolchainError)) throw error;
      log(error.message);
      failures.push(error);
    }
  }
  const code = failures.some((error) => error.code === 'ERR_CHECKSUM') ? 'ERR_CHECKSUM' : 'ERR_NETWORK';
  throw new ToolchainError(code, `libtorch ${pins.VERSION} could not be downloaded.`, [
    ...failures.map((error, i) => `${sources[i].label}: ${error.message}`),
    'Behind a proxy: set HTTPS_PROXY and have pip installed (python3 -m ensurepip).',
    'Install PyTorch in the active Python, which is then used: python3 -m pip install torch==2.13.0',
    'Or download libtorch elsewhere and set DEEPCODE_LIBTORCH to its folder.',
  ]);
}

// One call for the whole file system instead of thousands: most of the files are small headers. Their
// sizes are checked again before they are used, so a sync that is not available costs no safety.
function syncFileSystem(folder) {
  spawnSync('sync', ['-f', folder], { stdio: 'ignore' });
}

function replaceFolder(fresh, target) {
  const old = join(dirname(target), temporaryName());
  if (existsSync(target)) renameSync(target, old);
  renameSync(fresh, target);
  rmSync(old, { recursive: true, force: true });
}

async function unpack({ pin, file }, target) {
  const fresh = join(dirname(target), temporaryName());
  const fd = openSync(file);
  try {
    mkdirSync(fresh);
    const files = await extractLibtorch(fd, fresh, {
      prefix: pin.prefix,
      isWheel: pin.kind === 'wheel',
      onProgress: progress('extracting libtorch'),
    });
    writeManifest(fresh, { version: pins.VERSION, origin: pin.file, sha256: pin.sha256, files });
    const found = info.inspectLibtorch(fresh);
    if (typeof found === 'string')
      throw new ToolchainError('ERR_ARCHIVE', `${pin.file} is not usable: ${found}.`);
    syncFileSystem(fresh);
    replaceFolder(fresh, target);
  } finally {
    closeSync(fd);
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function fetchInto(target, downloads, makeSources) {
  for (const folder of [dirname(target), downloads]) mkdirSync(folder, { recursive: true });
  for (const folder of [dirname(target), downloads]) removeStale(folder);
  if (looksComplete(target)) return;
  const sources = makeSources();
  prepareFolder(downloads, Math.max(...sources.map(({ pin }) => pin.size + pin.extractedSize)));
  const got = await obtainFromAny(sources, downloads);
  await unpack(got, target);
  rmSync(got.file, { force: true });
}

// Somebody may remove the cache while it is being filled. Once is an accident, twice is not.
async function fetchWithRetry(...args) {
  try {
    await fetchInto(...args);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    await fetchInto(...args);
  }
}

/** The cached libtorch, fetched if need be: {root, include, lib, version, cuda, cxx11abi, source}. */
export async function fetchLibtorch({ env = process.env, sources = () => defaultSources(env) } = {}) {
  if (env.DEEPCODE_OFFLINE && env.DEEPCODE_OFFLINE !== '0') {
    throw new ToolchainError(
      'ERR_OFFLINE',
      'libtorch is missing and DEEPCODE_OFFLINE forbids to download it.',
      ['Unset DEEPCODE_OFFLINE, or set DEEPCODE_LIBTORCH to the folder of a libtorch.'],
    );
  }
  const cache = paths.cacheDir(env);
  const target = paths.libtorchCacheDir(pins.VERSION, env);
  const onWait = (pid) => log(`process ${pid} is filling the cache; waiting for it`);
  try {
    await withLock(`cache:${cache}`, onWait, () => fetchWithRetry(target, join(cache, 'downloads'), sources));
  } catch (error) {
    throw explainCacheError(error, cache);
  }
  return { ...info.inspectLibtorch(target), source: 'cache' };
}
