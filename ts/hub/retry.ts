import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfAborted, TransientError, UnreachableError } from './failures.js';

export interface RetryOptions {
  /** Further tries after the first. */
  retries: number;
  /** Further tries where the server cannot be reached at all. Default: `retries`. */
  reconnects?: number;
  /**
   * Milliseconds before the first further try; doubled each time, with up to a half added at
   * random.
   */
  retryDelay: number;
  signal?: AbortSignal | undefined;
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
  throwIfAborted(signal);
}

/**
 * Repeats an operation after a {@link TransientError}. `attempt` calls `progressed` when it came
 * further than the tries before: the count then starts anew, so that a long download over a bad
 * line ends.
 */
export async function withRetries<T>(
  attempt: (progressed: () => void) => Promise<T>,
  { retries, reconnects = retries, retryDelay, signal }: RetryOptions,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt(() => (failures = 0));
    } catch (error) {
      throwIfAborted(signal);
      const limit = error instanceof UnreachableError ? reconnects : retries;
      if (!(error instanceof TransientError) || failures >= limit) throw error;
      const delay = retryDelay * 2 ** failures * (1 + Math.random() / 2);
      await pause(Math.max(delay, error.wait ?? 0), signal);
    }
  }
}
