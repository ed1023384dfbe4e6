import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { download } from '../../native/toolchain/http.mjs';
import { codeIs, useFetchCase, wheel } from '../support/fetch-case.js';

describe('download', () => {
  const fetching = useFetchCase();
  const target = (): string => join(fetching.folder, 'file.whl');

  it('writes the pinned file', async () => {
    await download((await fetching.serve()).pin, target());
    assert.deepEqual(readFileSync(target()), wheel);
    assert.deepEqual(readdirSync(fetching.folder), ['file.whl']);
  });

  it('continues what an earlier run began', async () => {
    const {
      pin,
      server: { requests },
    } = await fetching.serve();
    writeFileSync(`${target()}.part`, wheel.subarray(0, 1234));
    await download(pin, target());
    assert.deepEqual(requests, ['bytes=1234-']);
    assert.deepEqual(readFileSync(target()), wheel);
  });

  it('continues after the connection was cut', async () => {
    const {
      pin,
      server: { requests },
    } = await fetching.serve({ cutAfter: 50_000, cuts: 2 });
    await download(pin, target());
    assert.equal(requests.length, 3);
    assert.deepEqual(readFileSync(target()), wheel);
  });

  it('starts again with a server that does not know ranges', async () => {
    const { pin } = await fetching.serve({ ignoreRange: true });
    writeFileSync(`${target()}.part`, wheel.subarray(0, 1234));
    await download(pin, target());
    assert.deepEqual(readFileSync(target()), wheel);
  });

  it('starts again when the earlier run had other bytes', async () => {
    const { pin } = await fetching.serve();
    writeFileSync(`${target()}.part`, Buffer.alloc(5000));
    await assert.rejects(download(pin, target()), codeIs('ERR_CHECKSUM'));
    assert.deepEqual(readdirSync(fetching.folder), [], 'what cannot be continued is removed');
    await download(pin, target());
  });

  it('gives up when the connection is cut again and again', async () => {
    const { pin } = await fetching.serve({ cutAfter: 10, cuts: 99 });
    await assert.rejects(download(pin, target()), codeIs('ERR_NETWORK'));
    assert.ok(!existsSync(target()));
  });

  it('refuses another file of the same size', async () => {
    const { pin } = await fetching.serve();
    await assert.rejects(download({ ...pin, sha256: '0'.repeat(64) }, target()), codeIs('ERR_CHECKSUM'));
    assert.deepEqual(readdirSync(fetching.folder), []);
  });

  it('stops reading where the pinned size is passed', async () => {
    const { pin } = await fetching.serve({ extra: Buffer.alloc(1 << 20) });
    await assert.rejects(download(pin, target(), { attempts: 1 }), codeIs('ERR_NETWORK', /larger/));
    assert.ok((statSync(`${target()}.part`, { throwIfNoEntry: false })?.size ?? 0) <= pin.size);
  });

  it('reports a status', async () => {
    await assert.rejects(
      download((await fetching.serve({ status: 404 })).pin, target(), { attempts: 1 }),
      codeIs('ERR_NETWORK', /404/),
    );
  });

  it('follows redirects, but not for ever', async () => {
    const { pin } = await fetching.serve({ status: 302, location: '/again' });
    await assert.rejects(download(pin, target(), { attempts: 1 }), codeIs('ERR_NETWORK', /redirects/));
  });

  it('does not leave HTTPS for another machine', async () => {
    const { pin } = await fetching.serve({ status: 302, location: 'http://example.invalid/wheel' });
    await assert.rejects(download(pin, target(), { attempts: 1 }), codeIs('ERR_NETWORK', /not HTTPS/));
  });

  it('does not read local files', async () => {
    const { pin } = await fetching.serve({ status: 302, location: 'file:///etc/passwd' });
    await assert.rejects(download(pin, target(), { attempts: 1 }), codeIs('ERR_NETWORK', /not HTTPS/));
  });

  it('says so when nobody answers', async () => {
    const { pin, server: running } = await fetching.serve();
    await running.close();
    await assert.rejects(download(pin, target(), { attempts: 1 }), codeIs('ERR_NETWORK', /ECONNREFUSED/));
  });
});
