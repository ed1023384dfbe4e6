// Brings a pinned archive into the cache. Kept safe against being killed at any moment: everything
// is made under a temporary name, checked, synced and then renamed; what is left over goes next time.
//
// What is fetched is described by
//   name, version      as in messages
//   target(env)        the folder of the cache that it becomes
//   members            {folders, files} that are taken from the archive, and nothing else
//   sources(env)       the ways to get it, in the order they are tried: {pin, label, get(file)}
//   isWhole(folder)    whether what is in `target` need not be fetched again
//   whyUnusable(folder)  a reason, or undefined
//   instead            what the user can do without a download
//   unreachable        what the user can do when no source works; default `instead`

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { extractMembers } from './extract.mjs';
import { explainCacheError, prepareFolder, removeStale, temporaryName, verifyDownload } from './files.mjs';
import { download } from './http.mjs';
import { withLock } from './lock.mjs';
import { writeManifest } from './manifest.mjs';
import paths from './paths.cjs';
import { downloadWithPip } from './pip.mjs';
import { log, progress, ToolchainError } from './report.mjs';

/** A source: the wheel of `pin` by `python -m pip`, from `index` or else the user's own indexes. */
export function pipSource(pin, { python, index, env }) {
  return {
    pin,
    label: `pip${index ? ` from ${new URL(index).host}` : ''}`,
    get: (target) => downloadWithPip(pin, target, { python, index, env }),
  };
}

/** A source: the file itself, over HTTPS. */
export function httpsSource(pin, label) {
  return {
    pin,
    label: new URL(pin.url).host,
    get: (target) => download(pin, target, { onProgress: progress(`downloading ${label}`) }),
  };
}

// A whole file from a run that was killed while extracting is as good as a new one, if it is whole.
async function obtain({ pin, label, get }, folder, title) {
  const target = join(folder, pin.file);
  if (existsSync(target)) {
    try {
      await verifyDownload(target, pin);
      return target;
    } catch {
      rmSync(target, { force: true });
    }
  }
  log(`downloading ${title} with ${label}`);
  await get(target);
  return target;
}

async function obtainFromAny(sources, folder, { name, version, instead, unreachable = instead }) {
  const title = `${name} ${version}`;
  const failures = [];
  for (const source of sources) {
    try {
      return { pin: source.pin, file: await obtain(source, folder, title) };
    } catch (error) {
      if (!(error instanceof ToolchainError)) throw error;
      log(error.message);
      failures.push(error);
    }
  }
  const code = failures.some((error) => error.code === 'ERR_CHECKSUM') ? 'ERR_CHECKSUM' : 'ERR_NETWORK';
  throw new ToolchainError(code, `${title} could not be downloaded.`, [
    ...failures.map((error, i) => `${sources[i].label}: ${error.message}`),
    'Behind a proxy: set HTTPS_PROXY and have pip installed (python3 -m ensurepip).',
    ...unreachable,
  ]);
}

// One call for the whole file system instead of thousands: most of the files are small. Their sizes
// are checked again before they are used, so a sync that is not available costs no safety.
function syncFileSystem(folder) {
  spawnSync('sync', ['-f', folder], { stdio: 'ignore' });
}

function replaceFolder(fresh, target) {
  const old = join(dirname(target), temporaryName());
  if (existsSync(target)) renameSync(target, old);
  renameSync(fresh, target);
  rmSync(old, { recursive: true, force: true });
}

async function unpack({ pin, file }, target, { name, version, members, whyUnusable, instead }) {
  const fresh = join(dirname(target), temporaryName());
  const fd = openSync(file);
  try {
    mkdirSync(fresh);
    const files = await extractMembers(fd, fresh, {
      prefix: pin.prefix,
      members,
      isWheel: pin.kind === 'wheel',
      onProgress: progress(`extracting ${name}`),
    });
    writeManifest(fresh, { version, origin: pin.file, sha256: pin.sha256, files });
    const reason = whyUnusable(fresh);
    if (reason)
      throw new ToolchainError('ERR_ARCHIVE', `${pin.file} is not usable: ${reason}.`, [...instead]);
    syncFileSystem(fresh);
    replaceFolder(fresh, target);
  } finally {
    closeSync(fd);
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function fetchInto(target, downloads, wanted, makeSources) {
  for (const folder of [dirname(target), downloads]) mkdirSync(folder, { recursive: true });
  for (const folder of [dirname(target), downloads]) removeStale(folder);
  if (wanted.isWhole(target)) return;
  const sources = makeSources();
  prepareFolder(downloads, Math.max(...sources.map(({ pin }) => pin.size + pin.extractedSize)));
  const got = await obtainFromAny(sources, downloads, wanted);
  await unpack(got, target, wanted);
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

function checkOnline({ name, instead }, env) {
  if (!env.DEEPCODE_OFFLINE || env.DEEPCODE_OFFLINE === '0') return;
  throw new ToolchainError(
    'ERR_OFFLINE',
    `${name} is missing and DEEPCODE_OFFLINE forbids to download it.`,
    ['Unset DEEPCODE_OFFLINE.', ...instead],
  );
}

/** The folder of the cache that holds what `wanted` describes, fetched if need be. */
export async function fetchPinned(wanted, { env = process.env, sources = () => wanted.sources(env) } = {}) {
  checkOnline(wanted, env);
  const cache = paths.cacheDir(env);
  const target = wanted.target(env);
  const onWait = (pid) => log(`process ${pid} is filling the cache; waiting for it`);
  try {
    await withLock(`cache:${cache}`, onWait, () =>
      fetchWithRetry(target, join(cache, 'downloads'), wanted, sources),
    );
  } catch (error) {
    throw explainCacheError(error, cache, wanted.instead);
  }
  return target;
}
