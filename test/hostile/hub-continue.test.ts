import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { resolveModel } from '../../ts/hub/index.js';
import * as support from '../support/hub-case.js';
import { sendHead, sha256 } from '../support/hub-server.js';

const { WEIGHTS } = support;

describe('a download that ended early', () => {
  let test: support.HubCase;
  beforeEach(async () => {
    test = await support.openCase();
  });
  afterEach(() => support.closeCase(test));

  const resolve = (extra: object = {}): Promise<string> =>
    resolveModel('org/model', { ...test.options, ...extra });
  const blobs = (): string => join(test.cacheDir, 'models--org--model', 'blobs');
  const partials = (): string[] =>
    readdirSync(blobs()).filter((name) => name.endsWith('.incomplete'));

  describe('continuing', () => {
    async function interrupt(): Promise<void> {
      test.hub.onStorage = (_, response) => {
        sendHead(response, WEIGHTS, 120_000);
        setTimeout(() => response.destroy(), 50);
        return true;
      };
      await support.rejectsTyped(resolve({ retries: 0 }), 'ERR_NETWORK', /interrupted/);
      test.hub.onStorage = undefined;
      test.hub.storageRequests.length = 0;
      assert.equal(partials().length, 1);
    }

    it('a later call goes on where the failed one ended', async () => {
      await interrupt();
      support.assertWeights(await resolve());
      assert.match(test.hub.storageRequests[0]!.range!, /^bytes=[1-9]\d*-$/);
      support.assertNoTemporaryFiles(test.cacheDir);
    });

    it('damaged bytes from before are thrown away, not kept and not fatal', async () => {
      await interrupt();
      truncateSync(join(blobs(), partials()[0]!), 10);
      appendFileSync(join(blobs(), partials()[0]!), 'not what was sent');
      support.assertWeights(await resolve());
      assert.deepEqual(
        test.hub.storageRequests.map((r) => r.range),
        ['bytes=27-', undefined],
      );
      support.assertNoTemporaryFiles(test.cacheDir);
    });

    it('more bytes from before than the file has are thrown away', async () => {
      await interrupt();
      appendFileSync(join(blobs(), partials()[0]!), Buffer.alloc(WEIGHTS.length));
      support.assertWeights(await resolve());
      assert.equal(test.hub.storageRequests[0]!.range, undefined);
    });

    it('a server that ignores the range is read from the start', async () => {
      for (const range of [undefined, `bytes 5-${WEIGHTS.length - 1}/${WEIGHTS.length}`]) {
        await interrupt();
        test.hub.onStorage = (request, response) => {
          if (request.headers.range === undefined) return false;
          response
            .writeHead(range ? 206 : 200, { ...(range && { 'content-range': range }) })
            .end(WEIGHTS);
          return true;
        };
        support.assertWeights(await resolve());
        support.assertNoTemporaryFiles(test.cacheDir);
        await support.closeCase(test);
        test = await support.openCase();
      }
    });
  });

  describe('an AbortSignal', () => {
    it('that is aborted already makes no request', async () => {
      const reason = new Error('why');
      await assert.rejects(resolve({ signal: AbortSignal.abort(reason) }), {
        name: 'AbortError',
        cause: reason,
      });
      assert.equal(test.hub.requests.length, 0);
    });

    it('ends a listing, a body and a wait between tries', async () => {
      const hang = (): boolean => true;
      const body = (_: unknown, response: ServerResponse): boolean => {
        sendHead(response, WEIGHTS, 80_000);
        return true;
      };
      const error = (_: unknown, response: ServerResponse): boolean =>
        Boolean(response.writeHead(503).end());
      for (const [where, handler, delay] of [
        ['onHub', hang, 0],
        ['onStorage', body, 0],
        ['onHub', error, 60_000],
      ] as const) {
        const controller = new AbortController();
        test.hub[where] = handler as () => boolean;
        setTimeout(() => controller.abort(), 150);
        await assert.rejects(resolve({ signal: controller.signal, retryDelay: delay }), {
          name: 'AbortError',
        });
        test.hub.onHub = test.hub.onStorage = undefined;
      }
      support.assertWeights(await resolve());
      support.assertNoTemporaryFiles(test.cacheDir);
    });

    it('leaves the bytes for the next call', async () => {
      const controller = new AbortController();
      test.hub.onStorage = (_, response) => {
        sendHead(response, WEIGHTS, 80_000);
        return true;
      };
      const onProgress = (p: { received: number }): void => {
        if (p.received >= 80_000) controller.abort();
      };
      await assert.rejects(resolve({ signal: controller.signal, onProgress }), {
        name: 'AbortError',
      });
      test.hub.onStorage = undefined;
      support.assertWeights(await resolve());
      assert.equal(test.hub.storageRequests.at(-1)!.range, 'bytes=80000-');
      assert.equal(readFileSync(join(blobs(), sha256(WEIGHTS))).length, WEIGHTS.length);
    });
  });
});
