// Every way in which the hub, the network or the disk fails, as one typed error with what to try.

import { AbortError, DeepcodeError, isAbort } from '../errors.js';

/** A failure that may be gone on the next try; `wait` is what the server asked for, in ms. */
export class TransientError extends DeepcodeError {
  constructor(
    message: string,
    readonly wait?: number,
    options?: ErrorOptions,
  ) {
    super('ERR_NETWORK', message, options);
  }
}

/** The server could not be reached at all: a cached copy may stand in. */
export class UnreachableError extends TransientError {}

const ADVICE: Readonly<Record<number, string>> = {
  401: 'Check its spelling; for a private or gated model set HF_TOKEN to a token that may read it.',
  403: 'Accept its terms on its page, and set HF_TOKEN to a token that may read it.',
  404: 'Check the spelling of model, revision and file; for a private model set HF_TOKEN.',
  407: 'Check the proxy settings.',
  429: 'Too many requests: wait a few minutes, or set HF_TOKEN for a higher limit.',
};

const TRANSIENT_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);
const LONGEST_WAIT = 60_000;

function retryAfter(header: string | null): number | undefined {
  const seconds = Number(header);
  if (header === null || !(seconds >= 0)) return undefined;
  return Math.min(seconds * 1000, LONGEST_WAIT);
}

/**
 * What a status other than success means for `what`, for instance "model.safetensors of org/name".
 */
export function statusError(
  status: number,
  what: string,
  retryHeader: string | null = null,
): DeepcodeError {
  const advice = ADVICE[status] ?? 'Try again later, or set HF_ENDPOINT to a mirror.';
  const message = `The hub answered ${status} for ${what}. ${advice}`;
  if (TRANSIENT_STATUS.has(status)) return new TransientError(message, retryAfter(retryHeader));
  return new DeepcodeError('ERR_NETWORK', message);
}

function causeCode(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown } })?.cause;
  const code = cause?.code ?? (error as { code?: unknown })?.code;
  return typeof code === 'string' ? code : 'no answer';
}

/** A request that got no answer. */
export function connectionError(host: string, error: unknown): UnreachableError {
  const advice =
    'Check the connection and HF_ENDPOINT, or set HF_HUB_OFFLINE=1 to use the cache alone.';
  return new UnreachableError(`Cannot reach ${host} (${causeCode(error)}). ${advice}`, undefined, {
    cause: error,
  });
}

/** A transfer that ended early or stood still. */
export function interruptedError(what: string, reason: string, error?: unknown): TransientError {
  const advice = 'Run the same command again to continue it.';
  const message = `The download of ${what} was interrupted (${reason}). ${advice}`;
  return new TransientError(message, undefined, { cause: error });
}

export function checksumError(what: string, why: string): DeepcodeError {
  const advice = 'Try again; if it stays, the server or a proxy alters files.';
  return new DeepcodeError(
    'ERR_CHECKSUM',
    `${what} is not what the hub announced: ${why}. ${advice}`,
  );
}

const DISK_ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space, or set HF_HUB_CACHE to a folder on another disk.',
  EDQUOT: 'The disk quota is used up: free some space, or set HF_HUB_CACHE to another folder.',
  EROFS: 'The folder is read-only: set HF_HUB_CACHE to one that can be written to.',
  EACCES: 'Permission denied: set HF_HUB_CACHE to a folder that you can write to.',
  EPERM: 'Permission denied: set HF_HUB_CACHE to a folder that you can write to.',
  ENOTDIR: 'A file is in the place of a folder: set HF_HUB_CACHE to a folder.',
};

/** The code of a file system error, such as ENOSPC. */
export function diskCode(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return typeof code === 'string' && typeof syscall === 'string' ? code : undefined;
}

export function diskError(error: unknown): DeepcodeError {
  if (error instanceof DeepcodeError) return error;
  const code = diskCode(error) ?? 'unknown error';
  const advice = DISK_ADVICE[code] ?? 'Check the folder that HF_HUB_CACHE names.';
  return new DeepcodeError('ERR_IO', `Cannot use the model cache (${code}). ${advice}`, {
    cause: error,
  });
}

/** Runs a disk operation; what it throws becomes ERR_IO. */
export async function onDisk<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw isAbort(error) ? error : diskError(error);
  }
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new AbortError('The download was cancelled.', { cause: signal.reason });
}
