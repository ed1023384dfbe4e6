// A client of our own instead of @huggingface/hub: that one (12 MB installed) streams to one shared
// temporary name, checks neither size nor hash, and trusts whatever lies in the cache.

import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { DeepcodeError, invalidArgument } from '../errors.js';
import { fromCache, pinnedFromCache } from './cache-source.js';
import { UnreachableError } from './failures.js';
import { fromFolder } from './folder-source.js';
import { fromHub } from './hub-source.js';
import { type Job, type ResolvedModel } from './job.js';
import { checkRevision, isRepoId } from './names.js';
import {
  DEFAULT_REVISION,
  makeSelection,
  makeSession,
  type ResolveOptions,
} from './resolve-options.js';
import { ModelCache } from './snapshot.js';

async function offlineModel(job: Job): Promise<ResolvedModel> {
  const cached = await fromCache(job);
  if (cached) return cached;
  const advice = 'Unset HF_HUB_OFFLINE and run once online, or pass a local folder.';
  throw new DeepcodeError(
    'ERR_OFFLINE',
    `${job.id} at '${job.revision}' is not complete in the cache. ${advice}`,
  );
}

async function fromHubOrCache(job: Job): Promise<ResolvedModel> {
  try {
    return await fromHub(job);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const cached = await fromCache(job).catch(() => undefined);
    if (cached === undefined) throw error;
    job.session.onWarning?.(`${error.message} Using the cached ${job.id} at ${cached.commit}.`);
    return cached;
  }
}

async function locate(job: Job): Promise<ResolvedModel> {
  const { id, selection, session } = job;
  const info = await stat(id).catch(() => undefined);
  if (info?.isDirectory()) return fromFolder(id, selection);
  if (isAbsolute(id) || id.startsWith('.') || !isRepoId(id)) {
    const what = `'${id.slice(0, 80)}' is no folder and no hub id such as org/name`;
    throw new DeepcodeError('ERR_IO', `${what}. Check its spelling.`);
  }
  if (session.offline) return offlineModel(job);
  return (await pinnedFromCache(job)) ?? fromHubOrCache(job);
}

/**
 * Makes a model's files available locally and says what was found. See {@link resolveModel}.
 *
 * @throws TypeError, RangeError at once for wrong options; otherwise rejects as resolveModel does
 */
export function pullModel(idOrDir: string, options: ResolveOptions = {}): Promise<ResolvedModel> {
  if (typeof idOrDir !== 'string' || idOrDir === '') {
    throw invalidArgument('model', 'a folder or a hub id', idOrDir);
  }
  const revision: unknown = options.revision ?? DEFAULT_REVISION;
  checkRevision(revision);
  const selection = makeSelection(options);
  const session = makeSession(options);
  return locate({
    id: idOrDir,
    revision,
    selection,
    session,
    cache: new ModelCache(session.cacheDir, idOrDir),
  });
}

/**
 * The local folder of a model: the folder itself, or a snapshot in the Hugging Face cache, which
 * Python shares. What is missing is downloaded; every file is hashed while it streams, and a cached
 * one is hashed again before it is trusted (SHA-256, or git's object id for small files).
 *
 * Two processes may fetch the same model at once. A download that failed, was cancelled or was
 * killed goes on where it ended. The token is sent to the endpoint's own origin only.
 *
 * @param idOrDir a folder, or 'org/name' on the hub; a folder of that name wins
 * @returns the absolute path of the folder
 * @throws TypeError, RangeError at once for wrong options. Rejects with AbortError, or
 *   DeepcodeError: ERR_NETWORK (with what to try), ERR_OFFLINE (not in the cache), ERR_CHECKSUM
 *   (size or hash differ), ERR_IO (disk full, read-only, no such folder)
 */
export function resolveModel(idOrDir: string, options: ResolveOptions = {}): Promise<string> {
  return pullModel(idOrDir, options).then(({ folder }) => folder);
}
