import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveModel } from '../../ts/hub/index.js';
import * as support from './hub-case.js';
import { spawnResolve } from './hub-process.js';
import { sha256 } from './hub-server.js';

/** Bytes of the unfinished weights on disk. */
function partialSize(cacheDir: string): number {
  const prefix = `${sha256(support.WEIGHTS)}.`;
  const names = support.cacheFiles(cacheDir).filter((name) => name.includes(prefix));
  const infos = names.map((name) => statSync(join(cacheDir, name), { throwIfNoEntry: false }));
  return Math.max(0, ...infos.map((info) => info?.size ?? 0));
}

/**
 * Kills a download with SIGKILL once `bytes` of its weights are on disk, then asserts that the
 * cache holds nothing wrong and that the next call goes on from there and leaves no temporary
 * files.
 *
 * @param bytes 1 to the size of the weights; all of them means "after the last byte, at any later
 *   moment"
 */
export async function killAndResume(bytes: number): Promise<void> {
  const test = await support.openCase();
  try {
    test.hub.onStorage = (_, response) => {
      response.writeHead(200, { 'content-length': support.WEIGHTS.length });
      response.write(support.WEIGHTS.subarray(0, bytes));
      return true;
    };
    const { child, outcome } = spawnResolve(test.options);
    const whole = bytes >= support.WEIGHTS.length;
    while (partialSize(test.cacheDir) < bytes && !(whole && child.exitCode !== null))
      await sleep(whole ? 0 : 5);
    child.kill('SIGKILL');
    await outcome;
    test.hub.onStorage = undefined;
    test.hub.storageRequests.length = 0;
    support.assertWeights(await resolveModel('org/model', test.options));
    support.assertNoTemporaryFiles(test.cacheDir);
    const expected = whole ? [] : [`bytes=${bytes}-`];
    assert.deepEqual(
      test.hub.storageRequests.map((request) => request.range),
      expected,
    );
  } finally {
    await support.closeCase(test);
  }
}
