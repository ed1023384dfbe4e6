import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ResolveOptions } from '../../ts/hub/index.js';
import { startHub, type FakeHub } from './hub-server.js';

export const WEIGHTS = randomBytes(300_000);
export const CONFIG = '{"architecture":"vit_tiny"}\n';

/** A hub with a small model and an empty cache, for one test. */
export interface HubCase {
  hub: FakeHub;
  cacheDir: string;
  /** Options that keep a test short: no waits between tries. */
  options: ResolveOptions;
}

export async function openCase(): Promise<HubCase> {
  const hub = await startHub({
    'config.json': CONFIG,
    'model.safetensors': WEIGHTS,
    'run.py': 'x',
    'sub/a.txt': 'a',
  });
  const cacheDir = mkdtempSync(join(tmpdir(), 'deepcode-hub-'));
  const options = {
    endpoint: hub.endpoint,
    cacheDir,
    token: null,
    offline: false,
    retryDelay: 0,
    timeout: 5000,
  };
  return { hub, cacheDir, options };
}

export async function closeCase({ hub, cacheDir }: HubCase): Promise<void> {
  await hub.close();
  rmSync(cacheDir, { recursive: true, force: true });
}

/** Every file name below the cache. */
export function cacheFiles(cacheDir: string): string[] {
  return existsSync(cacheDir)
    ? (readdirSync(cacheDir, { recursive: true }) as string[]).sort()
    : [];
}

export function assertNoTemporaryFiles(cacheDir: string): void {
  assert.deepEqual(
    cacheFiles(cacheDir).filter((name) => /incomplete|\.tmp$/.test(name)),
    [],
  );
}

export function assertWeights(folder: string): void {
  assert.ok(readFileSync(join(folder, 'model.safetensors')).equals(WEIGHTS), 'weights differ');
}

/** A typed error whose message is short and holds neither a path of the cache nor the token. */
export async function rejectsTyped(
  promise: Promise<unknown>,
  code: string,
  pattern: RegExp,
  secrets: string[] = [],
): Promise<void> {
  await assert.rejects(promise, (error: Error & { code?: string }) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    assert.ok(error.message.length <= 300);
    for (const secret of secrets) assert.ok(!error.message.includes(secret), error.message);
    return true;
  });
}
