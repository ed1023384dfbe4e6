// The environment variables that Python's huggingface_hub reads, with the same meaning, so that
// both share one cache. They are read on every call: a test or a service may change them.

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { DeepcodeError } from '../errors.js';

/** Where models come from and where they are kept. */
export interface HubEnvironment {
  /** Base URL without a trailing slash (`HF_ENDPOINT`). Default https://huggingface.co. */
  endpoint: string;
  /** The folder that holds `models--org--name` (`HF_HUB_CACHE`, else `HF_HOME`/hub). */
  cacheDir: string;
  /** `HF_TOKEN`, else the token file that `hf auth login` writes. */
  token: string | undefined;
  /** `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` is 1, on, yes or true: the cache only. */
  offline: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_ENDPOINT = 'https://huggingface.co';

function isTrue(value: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes((value ?? '').toUpperCase());
}

function expand(path: string, env: Environment): string {
  const home = path.replace(/^~(?=\/|$)/, () => env.HOME || homedir());
  return resolve(
    home.replace(/\$\{(\w+)\}|\$(\w+)/g, (all, a?: string, b?: string) => env[a ?? b!] ?? all),
  );
}

function hubHome(env: Environment): string {
  return expand(env.HF_HOME || join(env.XDG_CACHE_HOME || '~/.cache', 'huggingface'), env);
}

/**
 * Where libraries keep what is no model of the hub (`HF_ASSETS_CACHE`, else `HF_HOME`/assets): for this one, its own
 * folder there.
 */
export function assetsFolder(env: Environment = process.env): string {
  return join(expand(env.HF_ASSETS_CACHE || join(hubHome(env), 'assets'), env), 'deepcode');
}

function readToken(env: Environment): string | undefined {
  if (isTrue(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return undefined;
  const set = env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN;
  if (set) return set.trim() || undefined;
  const path = env.HF_TOKEN_PATH ? expand(env.HF_TOKEN_PATH, env) : join(hubHome(env), 'token');
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** @throws DeepcodeError ERR_NETWORK when it is not an http or https URL */
export function checkEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    throw new DeepcodeError(
      'ERR_NETWORK',
      'Expected HF_ENDPOINT to be an http or https address, such as https://huggingface.co.',
    );
  }
  return endpoint.replace(/\/+$/, '');
}

/** @param env default `process.env` */
export function hubEnvironment(env: Environment = process.env): HubEnvironment {
  return {
    endpoint: checkEndpoint(env.HF_ENDPOINT || DEFAULT_ENDPOINT),
    cacheDir: expand(
      env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || join(hubHome(env), 'hub'),
      env,
    ),
    token: readToken(env),
    offline: isTrue(env.HF_HUB_OFFLINE) || isTrue(env.TRANSFORMERS_OFFLINE),
  };
}
