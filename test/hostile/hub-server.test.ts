import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { resolveModel } from '../../ts/hub/index.js';
import * as support from '../support/hub-case.js';
import { sendHead, sendRange, sha256 } from '../support/hub-server.js';

const TOKEN = 'hf_secretsecretsecret';
const { WEIGHTS } = support;

describe('a hostile or broken hub', () => {
  let test: support.HubCase;
  beforeEach(async () => {
    test = await support.openCase();
  });
  afterEach(() => support.closeCase(test));

  const resolve = (extra: object = {}): Promise<string> =>
    resolveModel('org/model', { ...test.options, ...extra });
  const blobs = (): string => join(test.cacheDir, 'models--org--model', 'blobs');
  /** The oracle for every fault: a typed error, and the next call in this process succeeds. */
  async function fails(code: string, pattern: RegExp, extra: object = {}): Promise<void> {
    await support.rejectsTyped(resolve(extra), code, pattern, [TOKEN, test.cacheDir]);
    test.hub.onHub = test.hub.onStorage = test.hub.onListing = undefined;
    support.assertWeights(await resolve());
    support.assertNoTemporaryFiles(test.cacheDir);
  }

  describe('the token', () => {
    it('goes to the hub and not to where it redirects', async () => {
      await resolve({ token: TOKEN });
      assert.ok(test.hub.requests.length >= 3);
      assert.ok(test.hub.requests.every((r) => r.authorization === `Bearer ${TOKEN}`));
      assert.deepEqual(
        test.hub.storageRequests.map((r) => r.authorization),
        [undefined],
      );
    });

    it('is not sent again when another host redirects back', async () => {
      test.hub.onStorage = (_, response, name) => {
        response.writeHead(307, { location: `${test.hub.endpoint}/back/${name}` }).end();
        return true;
      };
      test.hub.onHub = (request, response) => {
        if (!request.url!.startsWith('/back/')) return false;
        sendRange(request, response, WEIGHTS);
        return true;
      };
      support.assertWeights(await resolve({ token: TOKEN }));
      const back = test.hub.requests.find((r) => r.path.startsWith('/back/'));
      assert.equal(back!.authorization, undefined);
    });

    it('stays through a redirect within the hub', async () => {
      test.hub.onHub = (request, response) => {
        if (!request.url!.startsWith('/api/models/org/model/')) return false;
        const moved = request.url!.includes('moved');
        if (!moved) response.writeHead(307, { location: `${request.url}&moved` }).end();
        return !moved;
      };
      await resolve({ token: TOKEN });
      assert.ok(test.hub.requests.slice(0, 2).every((r) => r.authorization !== undefined));
    });

    it('stands in no message', async () => {
      test.hub.onHub = (_, response) => Boolean(response.writeHead(403).end(TOKEN));
      await fails('ERR_NETWORK', /403.*HF_TOKEN/, { token: TOKEN });
    });
  });

  describe('statuses', () => {
    for (const [status, advice] of [
      [401, /HF_TOKEN/],
      [403, /terms/],
      [404, /spelling/],
      [410, /later/],
    ] as const) {
      it(`${status} for the model is ERR_NETWORK with what to try, after one request`, async () => {
        test.hub.onHub = (_, response) => Boolean(response.writeHead(status).end());
        await support.rejectsTyped(resolve(), 'ERR_NETWORK', advice);
        assert.equal(test.hub.requests.length, 1);
        await fails('ERR_NETWORK', new RegExp(String(status)));
      });

      it(`${status} for a file`, async () => {
        test.hub.onStorage = (_, response) => Boolean(response.writeHead(status).end());
        await fails('ERR_NETWORK', new RegExp(`${status} for model\\.safetensors`));
      });
    }

    for (const status of [429, 500, 502, 503, 504]) {
      it(`${status} twice and then OK`, async () => {
        let left = 2;
        test.hub.onHub = test.hub.onStorage = (_, response) =>
          left-- > 0 && Boolean(response.writeHead(status).end());
        support.assertWeights(await resolve());
      });
    }

    it('500 for ever ends after the tries that were allowed', async () => {
      test.hub.onHub = (_, response) => Boolean(response.writeHead(500).end());
      await support.rejectsTyped(resolve({ retries: 3 }), 'ERR_NETWORK', /500.*later/);
      assert.equal(test.hub.requests.length, 4);
      await fails('ERR_NETWORK', /500/);
    });
  });

  describe('bodies', () => {
    it('a body cut off once is continued where it ended', async () => {
      test.hub.onStorage = (_, response) => {
        if (test.hub.storageRequests.length > 1) return false;
        sendHead(response, WEIGHTS, 100_000);
        setTimeout(() => response.destroy(), 50);
        return true;
      };
      support.assertWeights(await resolve());
      assert.match(test.hub.storageRequests[1]!.range!, /^bytes=[1-9]\d*-$/);
      support.assertNoTemporaryFiles(test.cacheDir);
    });

    it('a body that ends early without an error is noticed', async () => {
      test.hub.onStorage = (_, response) => {
        response.writeHead(200).end(WEIGHTS.subarray(0, 1000));
        return true;
      };
      await fails('ERR_NETWORK', /interrupted.*same command/, { retries: 1 });
    });

    it('every try brings some bytes: the download ends although each one breaks', async () => {
      test.hub.onStorage = (request, response) => {
        const start = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
        if (start > 250_000) return false;
        sendHead(response, WEIGHTS, 40_000, start);
        setTimeout(() => response.destroy(), 30);
        return true;
      };
      support.assertWeights(await resolve({ retries: 1 }));
      assert.ok(test.hub.storageRequests.length >= 5);
    });

    it('other bytes of the same size are ERR_CHECKSUM, and nothing stays', async () => {
      test.hub.onStorage = (request, response) => {
        sendRange(request, response, Buffer.alloc(WEIGHTS.length, 7));
        return true;
      };
      await support.rejectsTyped(resolve(), 'ERR_CHECKSUM', /hash differs/);
      assert.deepEqual(
        readdirSync(blobs()).filter((name) => name.includes(sha256(WEIGHTS))),
        [],
      );
      await fails('ERR_CHECKSUM', /model\.safetensors/);
    });

    it('a small file is checked, too', async () => {
      test.hub.onHub = (request, response, name) => {
        if (name === 'config.json')
          sendRange(request, response, Buffer.from('{"architecture":"vit_huge"}\n'));
        return name === 'config.json';
      };
      await fails('ERR_CHECKSUM', /config\.json/);
    });

    it('a body without end is cut at the announced size', async () => {
      test.hub.onStorage = (_, response) => {
        response.writeHead(200);
        const pump = (): void => {
          while (!response.destroyed && response.write(WEIGHTS));
          if (!response.destroyed) response.once('drain', pump);
        };
        pump();
        return true;
      };
      await fails('ERR_CHECKSUM', /longer/);
    });

    it('silence in the middle counts as broken', async () => {
      test.hub.onStorage = (_, response) => {
        sendHead(response, WEIGHTS, 50_000);
        return true;
      };
      await fails('ERR_NETWORK', /no data/, { timeout: 150, retries: 0 });
    });

    it('silence before the answer counts as unreachable', async () => {
      test.hub.onHub = () => true;
      await fails(
        'ERR_NETWORK',
        /Cannot reach 127\.0\.0\.1:\d+ \(no answer in time\).*HF_HUB_OFFLINE/,
        { timeout: 150, retries: 0 },
      );
    });
  });

  describe('redirects', () => {
    for (const location of ['file:///etc/passwd', 'ftp://127.0.0.1/x', 'http://', '']) {
      it(`to '${location}' is refused`, async () => {
        test.hub.onHub = (_, response, name) =>
          name === 'model.safetensors' &&
          Boolean(response.writeHead(302, location ? { location } : {}).end());
        await fails('ERR_NETWORK', /not safe/);
      });
    }

    it('in a circle end', async () => {
      test.hub.onHub = (request, response, name) =>
        name === 'model.safetensors' &&
        Boolean(response.writeHead(302, { location: request.url! }).end());
      await fails('ERR_NETWORK', /circle/);
    });
  });

  describe('listings', () => {
    const entry = (change: object) => (listing: Record<string, unknown>) => ({
      ...listing,
      siblings: [{ rfilename: 'a.json', size: 1, blobId: '0'.repeat(40), ...change }],
    });
    const cases: [string, (listing: Record<string, unknown>) => unknown, string, RegExp][] = [
      ['no JSON object', () => 'hello', 'ERR_NETWORK', /HF_ENDPOINT/],
      ['null', () => null, 'ERR_NETWORK', /HF_ENDPOINT/],
      ['no commit', ({ siblings }) => ({ siblings }), 'ERR_NETWORK', /HF_ENDPOINT/],
      [
        'a commit that is a path',
        (l) => ({ ...l, sha: '../../../../tmp' }),
        'ERR_NETWORK',
        /HF_ENDPOINT/,
      ],
      ['no files', (l) => ({ ...l, siblings: [] }), 'ERR_NETWORK', /has no/],
      [
        'a name with ..',
        entry({ rfilename: '../../x.json' }),
        'ERR_NETWORK',
        /leave the model folder/,
      ],
      [
        'an absolute name',
        entry({ rfilename: '/tmp/x.json' }),
        'ERR_NETWORK',
        /leave the model folder/,
      ],
      [
        'a name with a backslash',
        entry({ rfilename: '..\\x.json' }),
        'ERR_NETWORK',
        /leave the model folder/,
      ],
      ['a name that is a number', entry({ rfilename: 7 }), 'ERR_NETWORK', /leave the model folder/],
      ['no size', entry({ size: undefined }), 'ERR_CHECKSUM', /cannot be verified/],
      ['a negative size', entry({ size: -1 }), 'ERR_CHECKSUM', /cannot be verified/],
      ['no hash', entry({ blobId: undefined }), 'ERR_CHECKSUM', /cannot be verified/],
      ['a hash that is a path', entry({ blobId: '../../x' }), 'ERR_CHECKSUM', /cannot be verified/],
      [
        'an LFS entry without its hash',
        entry({ lfs: { size: 1 } }),
        'ERR_CHECKSUM',
        /cannot be verified/,
      ],
    ];
    for (const [name, change, code, pattern] of cases) {
      it(`with ${name} is refused`, async () => {
        test.hub.onListing = change;
        await fails(code, pattern);
      });
    }

    it('cut off are asked for again', async () => {
      test.hub.onHub = (_, response) => {
        if (test.hub.requests.length > 1) return false;
        response.writeHead(200, { 'content-length': 5000 }).write('{"sha"');
        setTimeout(() => response.destroy(), 30);
        return true;
      };
      support.assertWeights(await resolve());
    });
  });
});
