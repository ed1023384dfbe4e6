import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { resolveModel, type ResolveOptions } from '../../ts/hub/index.js';
import * as support from '../support/hub-case.js';
import { spawnResolve } from '../support/hub-process.js';
import { sendRange, sha256 } from '../support/hub-server.js';
import { MOUNTING_SHELL, requireMounting } from '../support/mounting.js';

const { WEIGHTS } = support;

/** Works as a user who is bound by permissions, also where the tests run as root. */
async function withoutPrivileges<T>(work: () => Promise<T>): Promise<T> {
  const root = process.geteuid!() === 0;
  if (root) process.seteuid!(65534);
  try {
    return await work();
  } finally {
    if (root) process.seteuid!(0);
  }
}

describe('the model cache', () => {
  let test: support.HubCase;
  beforeEach(async () => {
    test = await support.openCase();
  });
  afterEach(() => support.closeCase(test));

  const resolve = (extra: object = {}): Promise<string> =>
    resolveModel('org/model', { ...test.options, ...extra });
  const root = (): string => join(test.cacheDir, 'models--org--model');
  const blob = (): string => join(root(), 'blobs', sha256(WEIGHTS));

  describe('offline', () => {
    it('serves what is complete, without a request', async () => {
      const folder = await resolve();
      const before = test.hub.requests.length;
      assert.equal(await resolve({ offline: true }), folder);
      assert.equal(await resolve({ offline: true, revision: test.hub.commit }), folder);
      assert.equal(await resolve({ offline: true, files: ['*.json'] }), folder);
      assert.equal(test.hub.requests.length, before);
    });

    it('names what is not there as ERR_OFFLINE', async () => {
      const missing = /not complete in the cache.*HF_HUB_OFFLINE/;
      await support.rejectsTyped(resolve({ offline: true }), 'ERR_OFFLINE', missing);
      await resolve({ files: ['config.json'] });
      await support.rejectsTyped(
        resolve({ offline: true, files: ['model.safetensors'] }),
        'ERR_OFFLINE',
        missing,
      );
      await support.rejectsTyped(
        resolve({ offline: true, revision: 'v2' }),
        'ERR_OFFLINE',
        missing,
      );
    });

    it('HF_HUB_OFFLINE=1 means the same', async () => {
      const before = process.env.HF_HUB_OFFLINE;
      process.env.HF_HUB_OFFLINE = '1';
      try {
        await support.rejectsTyped(resolve({ offline: undefined }), 'ERR_OFFLINE', /cache/);
        assert.equal(test.hub.requests.length, 0);
      } finally {
        if (before === undefined) delete process.env.HF_HUB_OFFLINE;
        else process.env.HF_HUB_OFFLINE = before;
      }
    });

    it('a damaged blob is ERR_CHECKSUM, a dangling link ERR_OFFLINE', async () => {
      await resolve();
      writeFileSync(blob(), Buffer.alloc(WEIGHTS.length));
      await support.rejectsTyped(resolve({ offline: true }), 'ERR_CHECKSUM', /damaged.*online/);
      unlinkSync(blob());
      await support.rejectsTyped(
        resolve({ offline: true, files: ['model.safetensors'] }),
        'ERR_OFFLINE',
        /complete/,
      );
      support.assertWeights(await resolve());
    });

    it('a file without a hash to hold it to is not trusted', async () => {
      const folder = await resolve();
      const pointer = join(folder, 'model.safetensors');
      unlinkSync(pointer);
      copyFileSync(blob(), pointer);
      await support.rejectsTyped(resolve({ offline: true }), 'ERR_CHECKSUM', /cannot be verified/);
      const files = [{ path: 'model.safetensors', sha256: sha256(WEIGHTS) }];
      assert.equal(await resolve({ offline: true, files }), folder);
    });

    it('a link that leads out of the cache is not trusted', async () => {
      const folder = await resolve();
      const elsewhere = join(test.cacheDir, sha256(WEIGHTS));
      copyFileSync(blob(), elsewhere);
      unlinkSync(join(folder, 'model.safetensors'));
      symlinkSync(elsewhere, join(folder, 'model.safetensors'));
      await support.rejectsTyped(resolve({ offline: true }), 'ERR_CHECKSUM', /cannot be verified/);
    });
  });

  it('stands in for a hub out of reach, with a warning', async () => {
    const folder = await resolve();
    await test.hub.close();
    const warnings: string[] = [];
    assert.equal(await resolve({ onWarning: (text: string) => warnings.push(text) }), folder);
    assert.match(warnings[0]!, /Cannot reach .*ECONNREFUSED.*cached org\/model/);
    await support.rejectsTyped(resolve({ revision: 'other' }), 'ERR_NETWORK', /Cannot reach/);
  });

  it('removed amid a download is made again', async () => {
    let removed = 0;
    const onProgress = ({ file, received }: { file: string; received: number }): void => {
      if (file !== 'model.safetensors' || received < WEIGHTS.length / 2 || removed > 0) return;
      removed++;
      rmSync(root(), { recursive: true });
    };
    const folder = await resolve({ onProgress, files: ['model.safetensors'] });
    support.assertWeights(folder);
    assert.equal(removed, 1);
    support.assertNoTemporaryFiles(test.cacheDir);
  });

  it('removed again and again ends in ERR_IO', async () => {
    const onProgress = (): void => rmSync(root(), { recursive: true, force: true });
    await support.rejectsTyped(resolve({ onProgress }), 'ERR_IO', /cache/, [test.cacheDir]);
    support.assertWeights(await resolve());
  });

  it('read-only: ERR_IO with what to try, and what is complete still serves', async () => {
    const folder = await resolve({ files: ['config.json'] });
    for (const path of ['', 'blobs', 'refs', 'snapshots', join('snapshots', test.hub.commit)]) {
      chmodSync(join(root(), path), 0o555);
    }
    chmodSync(test.cacheDir, 0o555);
    await withoutPrivileges(async () => {
      assert.equal(await resolve({ files: ['config.json'] }), folder);
      await support.rejectsTyped(resolve(), 'ERR_IO', /EACCES.*HF_HUB_CACHE/, [test.cacheDir]);
    });
    support.assertNoTemporaryFiles(test.cacheDir);
  });

  it('a file in the place of the cache folder is ERR_IO', async () => {
    const cacheDir = join(test.cacheDir, 'file');
    writeFileSync(cacheDir, '');
    await support.rejectsTyped(resolve({ cacheDir }), 'ERR_IO', /HF_HUB_CACHE/, [cacheDir]);
  });

  it('a full disk is ERR_IO, the old state is intact', async function () {
    requireMounting(this);
    await resolve({ files: ['config.json'] });
    const options: ResolveOptions = { ...test.options, cacheDir: '/mnt/cache' };
    // Anything that is printed after the child's line of JSON is a fault, and does not parse.
    const script = [
      'mount -t tmpfs -o size=200k tmpfs /mnt',
      `cp -a '${test.cacheDir}' /mnt/cache`,
      '"$@"',
      "find /mnt/cache -name '*.incomplete' -o -name '*.tmp'",
      `grep -qx '${support.CONFIG.trim()}' /mnt/cache/*/snapshots/*/config.json || echo lost`,
    ].join(' && ');
    const { outcome } = spawnResolve(options, [...MOUNTING_SHELL, script, 'sh']);
    const { code, message } = (await outcome)!;
    assert.equal(code, 'ERR_IO', message);
    assert.match(message!, /ENOSPC.*free some space/);
    support.assertNoTemporaryFiles(test.cacheDir);
  });

  it('shared by two processes that fetch the same file at once', async () => {
    let waiting: (() => void)[] = [];
    test.hub.onStorage = (request, response) => {
      // Both have asked before either is answered.
      waiting.push(() => sendRange(request, response, WEIGHTS));
      if (waiting.length === 2) waiting.forEach((answer) => answer());
      if (waiting.length === 2) waiting = [];
      return true;
    };
    const children = [spawnResolve(test.options), spawnResolve(test.options)];
    const outcomes = await Promise.all(children.map(({ outcome }) => outcome));
    for (const outcome of outcomes) {
      assert.ok(outcome?.folder, JSON.stringify(outcome));
      support.assertWeights(outcome.folder);
    }
    support.assertNoTemporaryFiles(test.cacheDir);
  });

  it('leaves alone what a living process writes', async () => {
    test.hub.onStorage = (_, response) => {
      if (test.hub.storageRequests.length > 1) return false;
      response
        .writeHead(200, { 'content-length': WEIGHTS.length })
        .write(WEIGHTS.subarray(0, 90_000));
      return true;
    };
    const { child, outcome } = spawnResolve(test.options);
    const isOurs = (name: string): boolean => name.includes(`${sha256(WEIGHTS)}.`);
    while (!support.cacheFiles(test.cacheDir).some(isOurs)) await sleep(20);
    support.assertWeights(await resolve());
    assert.equal(test.hub.storageRequests.at(-1)!.range, undefined);
    assert.equal(
      support.cacheFiles(test.cacheDir).filter((n) => n.endsWith('.incomplete')).length,
      1,
    );
    child.kill('SIGKILL');
    await outcome;
  });

  it('a cache folder that does not exist yet is made', async () => {
    const cacheDir = join(test.cacheDir, 'deep', 'er');
    await resolve({ cacheDir });
    assert.ok(existsSync(join(cacheDir, 'models--org--model', 'refs', 'main')));
  });
});
