import { DeepcodeError } from '../errors.js';
import { type Answer, get } from './request.js';
import { checkListedPath, isCommit } from './names.js';
import { withRetries } from './retry.js';
import { type HubSession } from './session.js';

/** A file of a model at one commit, with what its bytes must hash to. */
export interface RepoFile {
  path: string;
  /** Bytes. */
  size: number;
  /**
   * Name of the blob in the cache: the SHA-256 of a large file, the git object id of a small one.
   */
  oid: string;
}

export interface RepoListing {
  /** 40 hexadecimal digits. */
  commit: string;
  files: RepoFile[];
}

const LARGEST_LISTING = 64 * 2 ** 20;

async function readJson(answer: Answer): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.chunks()) {
    size += chunk.length;
    if (size > LARGEST_LISTING) break;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function toRepoFile(entry: unknown): RepoFile {
  const { rfilename, size, blobId, lfs } = (entry ?? {}) as Record<string, unknown>;
  checkListedPath(rfilename);
  const { sha256, oid, size: lfsSize } = (lfs ?? {}) as Record<string, unknown>;
  const hash = lfs == null ? blobId : (sha256 ?? oid);
  const bytes = lfs == null ? size : (lfsSize ?? size);
  const known = typeof hash === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash);
  if (!known || !Number.isSafeInteger(bytes) || (bytes as number) < 0) {
    throw new DeepcodeError(
      'ERR_CHECKSUM',
      `The hub gave no size and hash for ${rfilename}, so it cannot be verified.`,
    );
  }
  return { path: rfilename, size: bytes as number, oid: hash };
}

function toListing(json: unknown, id: string): RepoListing {
  const { sha, siblings } = (json ?? {}) as Record<string, unknown>;
  if (typeof sha !== 'string' || !isCommit(sha) || !Array.isArray(siblings)) {
    throw new DeepcodeError(
      'ERR_NETWORK',
      `The answer about ${id} is not that of a model hub. Check HF_ENDPOINT.`,
    );
  }
  return { commit: sha, files: siblings.map(toRepoFile) };
}

/**
 * The commit that a revision names now, and its files.
 *
 * @throws AbortError; DeepcodeError ERR_NETWORK, ERR_CHECKSUM
 */
export async function listRepo(
  session: HubSession,
  id: string,
  revision: string,
): Promise<RepoListing> {
  const at = `${id}/revision/${encodeURIComponent(revision)}`;
  const address = `${session.endpoint}/api/models/${at}?blobs=true`;
  const what = `${id} at '${revision}'`;
  const attempt = async (): Promise<unknown> => readJson(await get(address, { ...session, what }));
  // A cached copy may stand in for a hub out of reach: do not keep its user waiting.
  const json = await withRetries(attempt, { ...session, reconnects: Math.min(session.retries, 1) });
  return toListing(json, id);
}
