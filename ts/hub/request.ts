// One GET with redirects followed by hand: fetch would follow them itself, and what it then does
// with the token depends on its version.

import { connectionError, interruptedError, statusError, throwIfAborted } from './failures.js';
import { DeepcodeError } from '../errors.js';

export interface RequestOptions {
  /** Sent to the origin of the first address only, and never again after a redirect has left it. */
  token?: string | undefined;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
  /** Milliseconds without a single byte after which the transfer counts as broken. */
  timeout: number;
  /** What is asked for, in messages. */
  what: string;
}

/** An answer whose body has not been read. */
export interface Answer {
  response: Response;
  /** Chunks of the body. Ends the connection when left early. */
  chunks(): AsyncGenerator<Uint8Array>;
  /** Ends the connection without reading the body. */
  cancel(): void;
}

const MAX_REDIRECTS = 8;

/** Cancels on the caller's signal and on silence. */
class Watch {
  readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  stalled = false;

  constructor(
    private readonly timeout: number,
    private readonly signal: AbortSignal | undefined,
  ) {
    signal?.addEventListener('abort', this.onAbort, { once: true });
    this.touch();
  }

  private readonly onAbort = (): void => this.controller.abort(this.signal?.reason);

  touch(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.stalled = true;
      this.controller.abort(new Error('no data'));
    }, this.timeout);
  }

  end(): void {
    clearTimeout(this.timer);
    this.signal?.removeEventListener('abort', this.onAbort);
  }
}

function nextAddress(from: URL, response: Response, what: string): URL {
  const location = response.headers.get('location');
  const to =
    location !== null && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const downgraded = from.protocol === 'https:' && to?.protocol !== 'https:';
  if (to === undefined || !['http:', 'https:'].includes(to.protocol) || downgraded) {
    throw new DeepcodeError(
      'ERR_NETWORK',
      `The hub redirected ${what} to an address that is not safe; refused.`,
    );
  }
  return to;
}

async function follow(address: URL, options: RequestOptions, watch: Watch): Promise<Response> {
  let url = address;
  let token = options.token;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    if (url.origin !== address.origin) token = undefined;
    const headers = { ...options.headers, ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(url, {
      headers,
      redirect: 'manual',
      signal: watch.controller.signal,
    }).catch((error: unknown) => {
      throwIfAborted(options.signal);
      throw connectionError(url.host, watch.stalled ? { code: 'no answer in time' } : error);
    });
    watch.touch();
    if (![301, 302, 303, 307, 308].includes(response.status)) return response;
    await response.body?.cancel().catch(() => undefined);
    url = nextAddress(url, response, options.what);
  }
  throw new DeepcodeError(
    'ERR_NETWORK',
    `The hub redirected ${options.what} in a circle. Check HF_ENDPOINT.`,
  );
}

async function* readBody(
  response: Response,
  watch: Watch,
  options: RequestOptions,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response.body ?? []) {
      watch.touch();
      yield chunk as Uint8Array;
    }
  } catch (error) {
    throwIfAborted(options.signal);
    throw interruptedError(options.what, watch.stalled ? 'no data' : 'connection lost', error);
  } finally {
    watch.end();
    watch.controller.abort();
  }
}

/**
 * @throws AbortError; DeepcodeError ERR_NETWORK: an UnreachableError without an answer, a
 *   TransientError for a status that may pass, a plain one for any other status but success
 */
export async function get(address: string, options: RequestOptions): Promise<Answer> {
  throwIfAborted(options.signal);
  const watch = new Watch(options.timeout, options.signal);
  const cancel = (): void => {
    watch.end();
    watch.controller.abort();
  };
  try {
    const response = await follow(new URL(address), options, watch);
    if (!response.ok)
      throw statusError(response.status, options.what, response.headers.get('retry-after'));
    return { response, chunks: () => readBody(response, watch, options), cancel };
  } catch (error) {
    cancel();
    throw error;
  }
}
