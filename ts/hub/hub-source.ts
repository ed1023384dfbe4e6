import { stat } from 'node:fs/promises';
import { DeepcodeError } from '../errors.js';
import { verifyFile, type Expectation } from './digest.js';
import { downloadBlob } from './download-blob.js';
import { checksumError } from './failures.js';
import { type Job, type ResolvedModel } from './job.js';
import { listRepo, type RepoFile } from './repo-listing.js';
import { pinnedHash, selectFiles } from './selection.js';

function expected(file: RepoFile, { selection }: Job): RepoFile & Expectation {
  const sha256 = pinnedHash(file.path, selection);
  if (sha256 !== undefined && file.oid.length === 64 && file.oid !== sha256) {
    throw checksumError(file.path, 'its hash is not the pinned one');
  }
  return { ...file, sha256 };
}

async function placeFile(file: RepoFile, commit: string, job: Job): Promise<void> {
  const { id, session, cache } = job;
  const wanted = expected(file, job);
  const target = cache.blob(file.oid);
  if ((await verifyFile(target, wanted, session.signal)) !== 'good') {
    // A copy instead of a link is what Python leaves on file systems without links.
    const pointer = cache.pointer(commit, file.path);
    if ((await verifyFile(pointer, wanted, session.signal)) === 'good') return;
    const path = file.path.split('/').map(encodeURIComponent).join('/');
    const address = `${session.endpoint}/${id}/resolve/${commit}/${path}`;
    await downloadBlob({ ...wanted, file: file.path, address, target }, session);
  }
  await cache.link(commit, file.path, file.oid);
}

/** Somebody may remove the cache folder between the last byte and the link. */
async function ensureFile(file: RepoFile, commit: string, job: Job): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    await placeFile(file, commit, job);
    if (await stat(job.cache.pointer(commit, file.path)).catch(() => undefined)) return;
  }
  throw new DeepcodeError(
    'ERR_IO',
    'The model cache is being removed while it is written. Try again.',
  );
}

function nothingFound(job: Job, missing: string[]): DeepcodeError {
  const names = missing.length > 0 ? missing.slice(0, 3) : job.selection.extensions;
  const what = `${job.id} has no ${names.join(', ')} at '${job.revision}'`;
  return new DeepcodeError('ERR_NETWORK', `${what}. Check the names of model, revision and files.`);
}

/**
 * Asks the hub what a revision holds, and fetches what is not in the cache.
 *
 * @throws AbortError; DeepcodeError ERR_NETWORK, ERR_CHECKSUM, ERR_IO
 */
export async function fromHub(job: Job): Promise<ResolvedModel> {
  const { id, revision, selection, session, cache } = job;
  const { commit, files } = await listRepo(session, id, revision);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const { paths, missing } = selectFiles([...byPath.keys()], selection);
  if (missing.length > 0 || paths.length === 0) throw nothingFound(job, missing);
  for (const path of paths) await ensureFile(byPath.get(path)!, commit, job);
  await cache.remember(revision, commit);
  return { folder: cache.snapshot(commit), commit, files: paths };
}
