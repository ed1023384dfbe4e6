import { DeepcodeError } from '../errors.js';
import { verifyFile } from './digest.js';
import { type Job, type ResolvedModel } from './job.js';
import { isCommit } from './names.js';
import { isPattern, pinnedHash, selectFiles } from './selection.js';

async function verifyCached(path: string, commit: string, job: Job): Promise<void> {
  const named = await job.cache.expectation(commit, path);
  const sha256 = pinnedHash(path, job.selection);
  const wanted = named ? { ...named, sha256 } : sha256 && { oid: sha256 };
  if (!wanted) {
    const why = `The cached ${path} cannot be verified: it is no link to a blob.`;
    throw new DeepcodeError(
      'ERR_CHECKSUM',
      `${why} Go online once, or pass the folder itself as the model.`,
    );
  }
  const pointer = job.cache.pointer(commit, path);
  if ((await verifyFile(pointer, wanted, job.session.signal)) !== 'good') {
    throw new DeepcodeError(
      'ERR_CHECKSUM',
      `The cached ${path} is damaged. Go online once to replace it.`,
    );
  }
}

/**
 * The model as it lies in the cache, every file hashed; undefined where something is missing.
 *
 * @throws AbortError; DeepcodeError ERR_CHECKSUM, ERR_IO
 */
export async function fromCache(job: Job): Promise<ResolvedModel | undefined> {
  const commit = await job.cache.commitOf(job.revision);
  if (commit === undefined) return undefined;
  const { paths, missing } = selectFiles(await job.cache.paths(commit), job.selection);
  if (missing.length > 0 || paths.length === 0) return undefined;
  for (const path of paths) await verifyCached(path, commit, job);
  return { folder: job.cache.snapshot(commit), commit, files: paths };
}

/**
 * A pinned commit and plain names leave nothing to ask the hub for. Undefined where something is
 * missing or damaged: the hub has a good copy.
 */
export async function pinnedFromCache(job: Job): Promise<ResolvedModel | undefined> {
  const { required, optional } = job.selection;
  if (!isCommit(job.revision) || optional.length > 0 || required.some(isPattern)) return undefined;
  return fromCache(job).catch((error: unknown) => {
    if (error instanceof DeepcodeError && error.code === 'ERR_CHECKSUM') return undefined;
    throw error;
  });
}
