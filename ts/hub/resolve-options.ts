import { resolve } from 'node:path';
import { outOfRange } from '../errors.js';
import { checkEndpoint, hubEnvironment } from './environment.js';
import {
  checkSelection,
  DEFAULT_EXTENSIONS,
  type FileRequest,
  type Selection,
} from './selection.js';
import { type DownloadProgress, type HubSession } from './session.js';

export interface ResolveOptions {
  /** Branch, tag or commit. Default 'main'. A full commit hash pins the contents for good. */
  revision?: string;
  /**
   * Files that must be there: names, patterns ('*', '**'), or `{ path, sha256 }`. Default: every
   * file with one of `extensions`.
   */
  files?: readonly FileRequest[];
  /** Files to fetch where they exist. Default none. */
  optionalFiles?: readonly FileRequest[];
  /** File endings that may be fetched. Default .safetensors, .json, .txt: nothing that executes. */
  extensions?: readonly string[];
  /** Default: the environment variable `HF_HUB_CACHE` and what stands behind it. */
  cacheDir?: string;
  /** Default: `HF_ENDPOINT`, else https://huggingface.co. */
  endpoint?: string;
  /** Default: `HF_TOKEN`, else the token of `hf auth login`; null sends none. */
  token?: string | null;
  /** Use the cache alone. Default: `HF_HUB_OFFLINE`. */
  offline?: boolean;
  /** Milliseconds without a byte after which a try ends, 1 to 2^31 - 1. Default 30,000. */
  timeout?: number;
  /** Further tries after a failure that may pass, 0 to 100. Default 4. */
  retries?: number;
  /** Milliseconds before the first of them, doubled each time, 0 to 60,000. Default 500. */
  retryDelay?: number;
  signal?: AbortSignal;
  /** Called as bytes arrive. */
  onProgress?: (progress: DownloadProgress) => void;
  /** Called when the hub cannot be reached and a cached copy is used instead. */
  onWarning?: (message: string) => void;
}

export const DEFAULT_REVISION = 'main';

const DEFAULTS = { timeout: 30_000, retries: 4, retryDelay: 500 };

function checkRange(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw outOfRange(name, `a whole number from ${low} to ${high}`, value);
  }
  return value;
}

/**
 * Options and environment, checked. @throws RangeError; DeepcodeError ERR_NETWORK for an endpoint
 */
export function makeSession(options: ResolveOptions): HubSession {
  const environment = hubEnvironment();
  const { cacheDir, endpoint, token, offline, signal, onProgress, onWarning } = options;
  return {
    endpoint: endpoint === undefined ? environment.endpoint : checkEndpoint(endpoint),
    cacheDir: cacheDir === undefined ? environment.cacheDir : resolve(cacheDir),
    token: token === undefined ? environment.token : (token ?? undefined),
    offline: offline ?? environment.offline,
    timeout: checkRange('timeout', options.timeout ?? DEFAULTS.timeout, 1, 2 ** 31 - 1),
    retries: checkRange('retries', options.retries ?? DEFAULTS.retries, 0, 100),
    retryDelay: checkRange('retryDelay', options.retryDelay ?? DEFAULTS.retryDelay, 0, 60_000),
    signal,
    onProgress,
    onWarning,
  };
}

/** @throws TypeError */
export function makeSelection(options: ResolveOptions): Selection {
  const selection = {
    required: options.files ?? [],
    optional: options.optionalFiles ?? (options.files === undefined ? ['**'] : []),
    extensions: options.extensions ?? DEFAULT_EXTENSIONS,
  };
  checkSelection(selection);
  return selection;
}
