/** Kills processes that fill a cache at random moments, and checks what they leave. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchLibtorch } from '../../native/toolchain/fetch-libtorch.mjs';
import { fetchTool } from '../../native/toolchain/fetch-tools.mjs';
import { download } from '../../native/toolchain/http.mjs';
import { isIntact } from '../../native/toolchain/manifest.mjs';
import { type Served } from './fetch-case.js';
import { fakeWheel, type Pin, pinOf, serveWheel } from './libtorch-server.js';
import { cmakePinOf, cmakeWheel } from './tool-wheel.js';

const CHILD = resolve(__dirname, 'fetch-child.mjs');

export type FetchedName = 'libtorch' | 'cmake';

/** Starts a process that fetches `pin` into `cache`. */
export function startFetch(cache: string, pin: Pin, name: FetchedName = 'libtorch'): ChildProcess {
  return spawn(process.execPath, [CHILD, JSON.stringify(pin), name], {
    env: { ...process.env, DEEPCODE_CACHE: cache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function fetchHere(cache: string, pin: Pin): Promise<{ root: string; version: string }> {
  const sources = () => [{ pin, label: 'test', get: (target: string) => download(pin, target) }];
  return fetchLibtorch({ env: { ...process.env, DEEPCODE_CACHE: cache }, sources });
}

/** The program, fetched by this process. */
export function fetchCmakeHere(cache: string, pin: Pin): Promise<string> {
  const sources = () => [{ pin, label: 'test', get: (target: string) => download(pin, target) }];
  return fetchTool('cmake', { env: { ...process.env, DEEPCODE_CACHE: cache }, sources });
}

interface Victim extends Served {
  place: string;
  isWhole: (folder: string) => boolean;
  fetch: (cache: string, pin: Pin) => Promise<unknown>;
}

const VICTIMS: Record<FetchedName, () => Victim> = {
  libtorch: () => ({
    wheel: fakeWheel(3_000_000),
    pinOf,
    place: 'libtorch/2.13.0-cpu-linux-x64',
    isWhole: isIntact,
    fetch: fetchHere,
  }),
  cmake: () => ({
    wheel: cmakeWheel({ noise: 3_000_000 }),
    pinOf: cmakePinOf,
    place: 'tools/cmake-4.4.3-linux-x64',
    isWhole: (folder) => isIntact(folder, () => true),
    fetch: fetchCmakeHere,
  }),
};

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
export async function killFetches(
  newCache: () => string,
  tries: number,
  name: FetchedName = 'libtorch',
): Promise<void> {
  const { wheel, pinOf: pinAt, place, isWhole, fetch } = VICTIMS[name]();
  const server = await serveWheel(wheel, { chunk: 30_000 });
  try {
    const pin = pinAt(wheel, server.url);
    const started = Date.now();
    await whenEnded(startFetch(newCache(), pin, name));
    const whole = Date.now() - started;
    for (let i = 0; i < tries; i += 1) {
      const cache = newCache();
      const child = startFetch(cache, pin, name);
      const ended = whenEnded(child);
      // Spread evenly over the life of a process, the later half being most of the work.
      await sleep((whole * (i + 1)) / (tries + 1));
      child.kill('SIGKILL');
      await ended;
      const target = join(cache, place);
      assert.ok(!existsSync(target) || isWhole(target), `try ${i}: half a ${name} is in place`);
      await fetch(cache, pin);
      assert.ok(isWhole(target), `try ${i}: not whole after the second run`);
      assert.deepEqual(temporaryFiles(cache), [], `try ${i}: temporary files stay`);
      assert.deepEqual(readdirSync(join(cache, 'downloads')), [], `try ${i}: downloads stay`);
    }
  } finally {
    await server.close();
  }
}
