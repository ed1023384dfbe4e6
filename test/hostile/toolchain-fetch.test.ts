import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultSources, fetchLibtorch } from '../../native/toolchain/fetch-libtorch.mjs';
import { explainCacheError } from '../../native/toolchain/files.mjs';
import { download } from '../../native/toolchain/http.mjs';
import { isIntact, looksComplete } from '../../native/toolchain/manifest.mjs';
import { downloadWithPip } from '../../native/toolchain/pip.mjs';
import pythons from '../../native/toolchain/python.cjs';
import { fetchHere, killFetches, startFetch, temporaryFiles } from '../support/fetch-kill.js';
import {
  fakeWheel,
  type Pin,
  pinOf,
  type ServerBehaviour,
  serveWheel,
  WHEEL_NAME,
  type WheelServer,
} from '../support/libtorch-server.js';

const FETCH_CHILD = resolve(__dirname, '../support/fetch-child.mjs');
const wheel = fakeWheel(200_000);
const codeIs =
  (code: string, reason?: RegExp) =>
  (error: Error & { code?: string }): boolean => {
    assert.equal(error.code, code, error.stack);
    if (reason) assert.match(error.message, reason);
    assert.ok(error.message.length <= 300);
    return true;
  };

describe('fetching libtorch', () => {
  let folder: string;
  let server: WheelServer | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-fetch-'));
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });
  const serve = async (behaviour?: ServerBehaviour) => {
    server = await serveWheel(wheel, behaviour);
    return { pin: pinOf(wheel, server.url), server };
  };

  describe('download', () => {
    const target = (): string => join(folder, 'file.whl');

    it('writes the pinned file', async () => {
      await download((await serve()).pin, target());
      assert.deepEqual(readFileSync(target()), wheel);
      assert.deepEqual(readdirSync(folder), ['file.whl']);
    });

    it('continues what an earlier run began', async () => {
      const {
        pin,
        server: { requests },
      } = await serve();
      writeFileSync(`${target()}.part`, wheel.subarray(0, 1234));
      await download(pin, target());
      assert.deepEqual(requests, ['bytes=1234-']);
      assert.deepEqual(readFileSync(target()), wheel);
    });

    it('continues after the connection was cut', async () => {
      const {
        pin,
        server: { requests },
      } = await serve({ cutAfter: 50_000, cuts: 2 });
      await download(pin, target());
      assert.equal(requests.length, 3);
      assert.deepEqual(readFileSync(target()), wheel);
    });

    it('starts again with a server that does not know ranges', async () => {
      const { pin } = await serve({ ignoreRange: true });
      writeFileSync(`${target()}.part`, wheel.subarray(0, 1234));
      await download(pin, target());
      assert.deepEqual(readFileSync(target()), wheel);
    });

    it('starts again when the earlier run had other bytes', async () => {
      const { pin } = await serve();
      writeFileSync(`${target()}.part`, Buffer.alloc(5000));
      await assert.rejects(download(pin, target()), codeIs('ERR_CHECKSUM'));
      assert.deepEqual(readdirSync(folder), [], 'what cannot be continued is removed');
      await download(pin, target());
    });

    it('gives up when the connection is cut again and again', async () => {
      const { pin } = await serve({ cutAfter: 10, cuts: 99 });
      await assert.rejects(download(pin, target()), codeIs('ERR_NETWORK'));
      assert.ok(!existsSync(target()));
    });

    it('refuses another file of the same size', async () => {
      const { pin } = await serve();
      await assert.rejects(download({ ...pin, sha256: '0'.repeat(64) }, target()), codeIs('ERR_CHECKSUM'));
      assert.deepEqual(readdirSync(folder), []);
    });

    it('stops reading where the pinned size is passed', async () => {
      const { pin } = await serve({ extra: Buffer.alloc(1 << 20) });
      await assert.rejects(download(pin, target(), { attempts: 1 }), codeIs('ERR_NETWORK', /larger/));
      assert.ok((statSync(`${target()}.part`, { throwIfNoEntry: false })?.size ?? 0) <= pin.size);
    });

    it('reports a status', async () => {
      await assert.rejects(
        download((await serve({ status: 404 })).pin, target(), { attempts: 1 }),
        codeIs('ERR_NETWORK', /404/),
      );
    });

    it('follows redirects, but not for ever', async () => {
      const { pin } = await serve({ status: 302, location: '/again' });
      await assert.rejects(download(pin, target(), { attempts: 1 }), codeIs('ERR_NETWORK', /redirects/));
    });

    it('does not leave HTTPS for another machine', async () => {
      const { pin } = await serve({ status: 302, location: 'http://example.invalid/wheel' });
      await assert.rejects(download(pin, target(), { attempts: 1 }), codeIs('ERR_NETWORK', /not HTTPS/));
    });

    it('does not read local files', async () => {
      const { pin } = await serve({ status: 302, location: 'file:///etc/passwd' });
      await assert.rejects(download(pin, target(), { attempts: 1 }), codeIs('ERR_NETWORK', /not HTTPS/));
    });

    it('says so when nobody answers', async () => {
      const { pin, server: running } = await serve();
      await running.close();
      await assert.rejects(download(pin, target(), { attempts: 1 }), codeIs('ERR_NETWORK', /ECONNREFUSED/));
    });
  });

  describe('downloadWithPip', () => {
    const python = pythons.pythonWithPip();
    const target = (): string => join(folder, 'cache.whl');
    const env = (links: string) => ({
      ...process.env,
      PIP_FIND_LINKS: links,
      PIP_NO_INDEX: '1',
      PIP_CONFIG_FILE: '/dev/null',
    });
    const offer = (bytes: Buffer): string => {
      const links = join(folder, 'links');
      mkdirSync(links);
      writeFileSync(join(links, WHEEL_NAME), bytes);
      return links;
    };
    beforeEach(function () {
      if (python !== undefined) return;
      this.currentTest!.skipReason = 'there is no pip on this machine';
      this.skip();
    });

    it('takes the wheel from a folder that pip is told of', async () => {
      const links = offer(wheel);
      await downloadWithPip(pinOf(wheel), target(), { python, env: env(links) });
      assert.deepEqual(readFileSync(target()), wheel);
      assert.deepEqual(temporaryFiles(folder), []);
    });

    it('refuses a wheel of the right name with other contents', async () => {
      const links = offer(fakeWheel(200_000));
      await assert.rejects(
        downloadWithPip(pinOf(wheel), target(), { python, env: env(links) }),
        codeIs('ERR_CHECKSUM'),
      );
      assert.deepEqual(readdirSync(folder), ['links']);
    });

    it('passes on what pip says', async () => {
      const links = join(folder, 'empty');
      mkdirSync(links);
      await assert.rejects(
        downloadWithPip(pinOf(wheel), target(), { python, env: env(links) }),
        codeIs('ERR_NETWORK', /No matching distribution/),
      );
      assert.deepEqual(readdirSync(folder), ['empty']);
    });
  });

  describe('fetchLibtorch', () => {
    const cache = (): string => join(folder, 'cache');
    const place = (): string => join(cache(), 'libtorch', '2.13.0-cpu-linux-x64');

    it('fills the cache and leaves nothing else in it', async () => {
      const { pin } = await serve();
      const libtorch = await fetchHere(cache(), pin);
      assert.equal(libtorch.root, place());
      assert.equal(libtorch.version, '2.13.0+cpu');
      assert.ok(isIntact(place()));
      assert.deepEqual(readdirSync(join(cache(), 'downloads')), []);
      assert.deepEqual(readdirSync(join(cache(), 'libtorch')), ['2.13.0-cpu-linux-x64']);
    });

    it('asks nobody when it is already there', async () => {
      const {
        pin,
        server: { requests },
      } = await serve();
      await fetchHere(cache(), pin);
      await fetchHere(cache(), pin);
      assert.equal(requests.length, 1);
    });

    it('replaces a copy that lost a file', async () => {
      const { pin } = await serve();
      await fetchHere(cache(), pin);
      rmSync(join(place(), 'lib', 'libnoise.so'));
      assert.ok(!looksComplete(place()));
      await fetchHere(cache(), pin);
      assert.ok(isIntact(place()));
      assert.deepEqual(temporaryFiles(cache()), []);
    });

    it('notices a library that was changed', async () => {
      const { pin } = await serve();
      await fetchHere(cache(), pin);
      const library = join(place(), 'lib', 'libnoise.so');
      const bytes = readFileSync(library);
      bytes[1000] = (bytes[1000] as number) ^ 1;
      writeFileSync(library, bytes);
      assert.ok(looksComplete(place()) && !isIntact(place()));
    });

    it('uses a whole download that a killed run left', async () => {
      const {
        pin,
        server: { requests },
      } = await serve();
      mkdirSync(join(cache(), 'downloads'), { recursive: true });
      writeFileSync(join(cache(), 'downloads', pin.file), wheel);
      await fetchHere(cache(), pin);
      assert.equal(requests.length, 0);
    });

    it('does not trust a download that a killed run left', async () => {
      const { pin } = await serve();
      mkdirSync(join(cache(), 'downloads'), { recursive: true });
      writeFileSync(join(cache(), 'downloads', pin.file), wheel.subarray(0, 99));
      await fetchHere(cache(), pin);
      assert.ok(isIntact(place()));
    });

    it('removes what dead processes left, but not what living ones use', async () => {
      const { pin } = await serve();
      await fetchHere(cache(), pin);
      rmSync(join(place(), 'version.py'));
      const downloads = join(cache(), 'downloads');
      writeFileSync(join(downloads, '.tmp-elsewhere-1-abcdef'), 'in use on another machine');
      writeFileSync(join(downloads, '.tmp-elsewhere-2-abcdef'), 'old');
      utimesSync(join(downloads, '.tmp-elsewhere-2-abcdef'), 1000, 1000);
      await fetchHere(cache(), pin);
      assert.deepEqual(readdirSync(downloads), ['.tmp-elsewhere-1-abcdef']);
    });

    it('tries the next source when one fails, and says all that failed', async () => {
      const { pin } = await serve();
      const broken = {
        pin,
        label: 'first',
        get: () => download({ ...pin, url: 'http://127.0.0.1:1/' }, join(folder, 'x'), { attempts: 1 }),
      };
      const good = { pin, label: 'second', get: (file: string) => download(pin, file) };
      const env = { ...process.env, DEEPCODE_CACHE: cache() };
      assert.ok(isIntact((await fetchLibtorch({ env, sources: () => [broken, good] })).root));
      rmSync(cache(), { recursive: true });
      await assert.rejects(
        fetchLibtorch({ env, sources: () => [broken, broken] }),
        (error: Error & { code?: string; fixes?: string[] }) => {
          assert.equal(error.code, 'ERR_NETWORK');
          assert.match(error.fixes?.[0] ?? '', /^first: .*ECONNREFUSED/);
          return true;
        },
      );
      assert.deepEqual(temporaryFiles(cache()), []);
    });

    it('starts over once when the cache is removed amid the download', async () => {
      let removals = 1;
      const onRequest = (): void => {
        if (removals-- > 0) rmSync(cache(), { recursive: true, force: true });
      };
      const { pin } = await serve({ onRequest });
      await fetchHere(cache(), pin);
      assert.ok(isIntact(place()));
    });

    it('explains a cache that cannot be written', async () => {
      const { pin } = await serve();
      writeFileSync(join(folder, 'file'), '');
      for (const bad of [join(folder, 'file', 'cache'), '/sys/deepcode', '/dev/null']) {
        await assert.rejects(fetchHere(bad, pin), codeIs('ERR_IO', /cannot be written/));
      }
    });

    /** Fetches in a process of its own, into /mnt prepared by `mount`; returns what it printed and left. */
    async function fetchMounted(mount: string, pin: Pin): Promise<string> {
      const script = `${mount} && { DEEPCODE_CACHE=/mnt '${process.execPath}' '${FETCH_CHILD}' "$1"; echo "code $?"; find /mnt -name '.tmp-*'; ls /mnt/downloads; }`;
      const child = spawn('unshare', ['-rm', 'sh', '-c', script, 'sh', JSON.stringify(pin)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          output += chunk;
        });
      await once(child, 'close');
      return output;
    }

    describe('with a disk of its own', () => {
      before(function () {
        if (spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0) return;
        this.test!.skipReason = 'mounting is not allowed here';
        this.skip();
      });

      it('refuses to begin when the disk is too small', async () => {
        const output = await fetchMounted('mount -t tmpfs -o size=8m tmpfs /mnt', {
          ...(await serve()).pin,
          extractedSize: 520e6,
        });
        assert.match(output, /MB are needed in .*only 8 MB are free.*ERR_IO[^]*DEEPCODE_CACHE[^]*code 1\n$/);
      });

      for (const [when, size] of [
        ['download', '100k'],
        ['extraction', '300k'],
      ] as const) {
        it(`explains a disk that is full in the ${when} and leaves nothing half done`, async () => {
          const { pin } = await serve();
          // The free space is measured in the same blocks that the files take: claim that nothing is needed.
          const output = await fetchMounted(`mount -t tmpfs -o size=${size} tmpfs /mnt`, {
            ...pin,
            extractedSize: -pin.size,
          });
          assert.match(output, /disk of the cache folder \/mnt is full.*ERR_IO[^]*code 1\n/);
          assert.doesNotMatch(output, /\.tmp-|internal error/);
        });
      }

      it('explains a read-only cache', async () => {
        const output = await fetchMounted('mount -t tmpfs -o ro tmpfs /mnt', (await serve()).pin);
        assert.match(output, /cache folder \/mnt cannot be written .*ERR_IO/);
      });
    });

    it('explains a full quota as a full disk', () => {
      const full = Object.assign(new Error('EDQUOT'), { code: 'EDQUOT' });
      codeIs('ERR_IO', /full/)(explainCacheError(full, '/cache'));
    });

    it('does not download when told to stay offline', async () => {
      const env = { ...process.env, DEEPCODE_CACHE: cache(), DEEPCODE_OFFLINE: '1' };
      await assert.rejects(fetchLibtorch({ env }), codeIs('ERR_OFFLINE'));
      assert.ok(!existsSync(cache()));
    });

    it('serves two processes on one cache with one download', async () => {
      const {
        pin,
        server: { requests },
      } = await serve({ chunk: 5000 });
      const children = [startFetch(cache(), pin), startFetch(cache(), pin)];
      const codes = await Promise.all(
        children.map(async (child) => (await once(child, 'close'))[0] as number),
      );
      assert.deepEqual(codes, [0, 0]);
      assert.equal(requests.length, 1);
      assert.ok(isIntact(place()));
    });

    it('survives kill -9 in the download and in the extraction', async () => {
      let next = 0;
      await killFetches(() => join(folder, `killed-${next++}`), 4);
    });

    it("asks the user's pip first, then PyTorch's index, then for the C++ archive", () => {
      const labels = (defaultSources() as { label: string }[]).map(({ label }) => label);
      const withoutPip = (
        defaultSources({ ...process.env, DEEPCODE_PYTHON: '/bin/false' }) as { label: string }[]
      ).map(({ label }) => label);
      assert.deepEqual(withoutPip, ['download.pytorch.org']);
      if (pythons.pythonWithPip())
        assert.deepEqual(labels, ['pip', 'pip from download.pytorch.org', 'download.pytorch.org']);
    });
  });
});
