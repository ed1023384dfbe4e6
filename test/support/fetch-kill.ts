/** Kills processes that fill a cache at random moments, and checks what they leave. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchLibtorch } from '../../native/toolchain/fetch-libtorch.mjs';
import { download } from '../../native/toolchain/http.mjs';
import { isIntact } from '../../native/toolchain/manifest.mjs';
import { fakeWheel, type Pin, pinOf, serveWheel } from './libtorch-server.js';

const CHILD = resolve(__dirname, 'fetch-child.mjs');

/** Starts a process that fetches `pin` into `cache`. */
export function startFetch(cache: string, pin: Pin): ChildProcess {
  return spawn(process.execPath, [CHILD, JSON.stringify(pin)], {
    env: { ...process.env, DEEPCODE_CACHE: cache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function fetchHere(cache: string, pin: Pin): Promise<{ root: string; version: string }> {
  const sources = () => [{ pin, label: 'test', get: (target: string) => download(pin, target) }];
  return fetchLibtorch({ env: { ...process.env, DEEPCODE_CACHE: cache }, sources });
}

export function temporaryFiles(cache: string): string[] {
  if (!existsSync(cache)) return [];
  return readdirSync(cache, { recursive: true })
    .map(String)
    .filter((name) => name.includes('.tmp-'));
}

function whenEnded(child: ChildProcess): Promise<void> {
  return new Promise((done) => child.once('close', () => done()));
}

/**
 * `tries` times: a process is killed somewhere between its start and its end; what is in the cache then
 * is either whole or not offered; and the next process finishes the job and cleans up.
 */
export async function killFetches(newCache: () => string, tries: number): Promise<void> {
  const wheel = fakeWheel(3_000_000);
  const server = await serveWheel(wheel, { chunk: 30_000 });
  try {
    const pin = pinOf(wheel, server.url);
    const started = Date.now();
    await whenEnded(startFetch(newCache(), pin));
    const whole = Date.now() - started;
    for (let i = 0; i < tries; i += 1) {
      const cache = newCache();
      const child = startFetch(cache, pin);
      const ended = whenEnded(child);
      // Spread evenly over the life of a process, the later half being most of the work.
      await sleep((whole * (i + 1)) / (tries + 1));
      child.kill('SIGKILL');
      await ended;
      const target = join(cache, 'libtorch', '2.13.0-cpu-linux-x64');
      assert.ok(!existsSync(target) || isIntact(target), `try ${i}: half a libtorch is in place`);
      const { root } = await fetchHere(cache, pin);
      assert.ok(isIntact(root), `try ${i}: not whole after the second run`);
      assert.deepEqual(temporaryFiles(cache), [], `try ${i}: temporary files stay`);
      assert.deepEqual(readdirSync(join(cache, 'downloads')), [], `try ${i}: downloads stay`);
    }
  } finally {
    await server.close();
  }
}
