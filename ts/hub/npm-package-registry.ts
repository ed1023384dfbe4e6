/** One request to an npm registry: options, time limits, and its failures as typed errors. */
import { DeepcodeError } from '../errors.js';
import { interruptedError, throwIfAborted, TransientError, UnreachableError } from './failures.js';
import { type HubSession } from './session.js';

/** A session of the hub's kind, with the address of an npm registry. */
export interface RegistrySession extends Omit<HubSession, 'endpoint' | 'token' | 'cacheDir'> {
  /** Base URL without a trailing slash. */
  registry: string;
}

export interface RegistryAnswer {
  json(): Promise<unknown>;
  chunks(): AsyncGenerator<Uint8Array>;
}

const PUBLIC_REGISTRY = 'https://registry.npmjs.org';
const ADVICE = 'Check the connection, or name another registry with npm_config_registry.';

/** What npm tells its scripts, else the public registry. @throws DeepcodeError ERR_NETWORK when it is no web address */
export function npmRegistry(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const registry = env.npm_config_registry || env.NPM_CONFIG_REGISTRY || PUBLIC_REGISTRY;
  const url = URL.canParse(registry) ? new URL(registry) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    throw new DeepcodeError('ERR_NETWORK', `Expected npm_config_registry to be an http or https address, such as ${PUBLIC_REGISTRY}.`);
  }
  return registry.replace(/\/+$/, '');
}

/**
 * The archive's address as npm reads it: the public registry's own is asked of the configured registry, which mirrors
 * it. Undefined for what is no address, or one that gives up https.
 */
export function registryAddress(address: unknown, registry: string): string | undefined {
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.origin === PUBLIC_REGISTRY) return `${registry}${url.pathname}`;
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && registry.startsWith('http:'));
  return safe && url.username === '' ? url.href : undefined;
}

/** Milliseconds: the longest that a timer can wait. */
const NO_LIMIT = 2 ** 31 - 1;

const TRANSIENT_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What the client threw, as ours. */
function asFailure(error: unknown, what: string, stalled: boolean): DeepcodeError {
  const { statusCode, code } = (error ?? {}) as { statusCode?: unknown; code?: unknown };
  if (typeof statusCode === 'number') {
    const message = `The npm registry answered ${statusCode} for ${what}. ${ADVICE}`;
    return TRANSIENT_STATUS.has(statusCode) ? new TransientError(message) : new DeepcodeError('ERR_NETWORK', message);
  }
  const reason = stalled ? 'no answer in time' : typeof code === 'string' ? code : 'no answer';
  return new UnreachableError(`Cannot reach the npm registry (${reason}). ${ADVICE}`, undefined, { cause: error });
}

/** Ends a request when the caller does, or when no byte came for a while. */
class Watch {
  readonly controller = new AbortController();
  stalled = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly timeout: number,
    private readonly signal: AbortSignal | undefined,
  ) {
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.touch();
  }

  readonly #onAbort = (): void => this.controller.abort(this.signal?.reason);

  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.stalled = true;
      this.controller.abort(new Error('no data'));
    }, this.timeout);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.signal?.removeEventListener('abort', this.#onAbort);
  }
}

async function* readBody(body: AsyncIterable<Uint8Array>, watch: Watch, what: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      watch.touch();
      yield chunk;
    }
  } catch (error) {
    throwIfAborted(watch.controller.signal.aborted && !watch.stalled ? watch.controller.signal : undefined);
    throw interruptedError(what, watch.stalled ? 'no data' : 'connection lost', error);
  } finally {
    watch.end();
    watch.controller.abort();
  }
}

async function readJson(chunks: AsyncGenerator<Uint8Array>, what: string): Promise<unknown> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (error) {
    throw new DeepcodeError('ERR_NETWORK', `The npm registry's answer for ${what} is not JSON. ${ADVICE}`, { cause: error });
  }
}

/**
 * @param what for messages
 * @throws AbortError; DeepcodeError ERR_NETWORK: an UnreachableError without an answer, a TransientError for a status
 *   that may pass, a plain one for any other status but success
 */
export async function askRegistry(address: string, what: string, session: RegistrySession): Promise<RegistryAnswer> {
  throwIfAborted(session.signal);
  const { default: fetchFromRegistry } = await import('npm-registry-fetch');
  const watch = new Watch(session.timeout, session.signal);
  // Time limits and further tries are this package's own, which also cover what breaks off amid the body.
  const options = {
    registry: session.registry,
    timeout: NO_LIMIT,
    retry: { retries: 0 },
    signal: watch.controller.signal,
  };
  try {
    const { body } = await fetchFromRegistry(address, options);
    watch.touch();
    const chunks = (): AsyncGenerator<Uint8Array> => readBody(body, watch, what);
    return { chunks, json: () => readJson(chunks(), what) };
  } catch (error) {
    watch.end();
    watch.controller.abort();
    throwIfAborted(session.signal);
    throw asFailure(error, what, watch.stalled);
  }
}
