import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defaultSources, fetchLibtorch } from '../../native/toolchain/fetch-libtorch.mjs';
import { explainCacheError } from '../../native/toolchain/files.mjs';
import { download } from '../../native/toolchain/http.mjs';
import { isIntact, looksComplete } from '../../native/toolchain/manifest.mjs';
import pythons from '../../native/toolchain/python.cjs';
import { codeIs, useFetchCase, wheel } from '../support/fetch-case.js';
import { fetchHere, killFetches, startFetch, temporaryFiles } from '../support/fetch-kill.js';
import { type Pin } from '../support/libtorch-server.js';
import { MOUNTING_SHELL, requireMounting } from '../support/mounting.js';

const FETCH_CHILD = resolve(__dirname, '../support/fetch-child.mjs');

describe('fetchLibtorch', () => {
  const fetching = useFetchCase();
  const cache = (): string => join(fetching.folder, 'cache');
  const place = (): string => join(cache(), 'libtorch', '2.13.0-cpu-linux-x64');

  it('fills the cache and leaves nothing else in it', async () => {
    const { pin } = await fetching.serve();
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
    } = await fetching.serve();
    await fetchHere(cache(), pin);
    await fetchHere(cache(), pin);
    assert.equal(requests.length, 1);
  });

  it('replaces a copy that lost a file', async () => {
    const { pin } = await fetching.serve();
    await fetchHere(cache(), pin);
    rmSync(join(place(), 'lib', 'libnoise.so'));
    assert.ok(!looksComplete(place()));
    await fetchHere(cache(), pin);
    assert.ok(isIntact(place()));
    assert.deepEqual(temporaryFiles(cache()), []);
  });

  it('notices a library that was changed', async () => {
    const { pin } = await fetching.serve();
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
    } = await fetching.serve();
    mkdirSync(join(cache(), 'downloads'), { recursive: true });
    writeFileSync(join(cache(), 'downloads', pin.file), wheel);
    await fetchHere(cache(), pin);
    assert.equal(requests.length, 0);
  });

  it('does not trust a download that a killed run left', async () => {
    const { pin } = await fetching.serve();
    mkdirSync(join(cache(), 'downloads'), { recursive: true });
    writeFileSync(join(cache(), 'downloads', pin.file), wheel.subarray(0, 99));
    await fetchHere(cache(), pin);
    assert.ok(isIntact(place()));
  });

  it('removes what dead processes left, but not what living ones use', async () => {
    const { pin } = await fetching.serve();
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
    const { pin } = await fetching.serve();
    const broken = {
      pin,
      label: 'first',
      get: () => download({ ...pin, url: 'http://127.0.0.1:1/' }, join(fetching.folder, 'x'), { attempts: 1 }),
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
    const { pin } = await fetching.serve({ onRequest });
    await fetchHere(cache(), pin);
    assert.ok(isIntact(place()));
  });

  it('explains a cache that cannot be written', async () => {
    const { pin } = await fetching.serve();
    writeFileSync(join(fetching.folder, 'file'), '');
    for (const bad of [join(fetching.folder, 'file', 'cache'), '/sys/deepcode', '/dev/null']) {
      await assert.rejects(fetchHere(bad, pin), codeIs('ERR_IO', /cannot be written/));
    }
  });

  /** Fetches in a process of its own, into /mnt prepared by `mount`; returns what it printed and left. */
  async function fetchMounted(mount: string, pin: Pin): Promise<string> {
    const script = `${mount} && { DEEPCODE_CACHE=/mnt '${process.execPath}' '${FETCH_CHILD}' "$1"; echo "code $?"; find /mnt -name '.tmp-*'; ls /mnt/downloads; }`;
    const [program, ...args] = MOUNTING_SHELL;
    const child = spawn(program, [...args, script, 'sh', JSON.stringify(pin)], {
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
      requireMounting(this);
    });

    it('refuses to begin when the disk is too small', async () => {
      const output = await fetchMounted('mount -t tmpfs -o size=8m tmpfs /mnt', {
        ...(await fetching.serve()).pin,
        extractedSize: 520e6,
      });
      assert.match(output, /MB are needed in .*only 8 MB are free.*ERR_IO[^]*DEEPCODE_CACHE[^]*code 1\n$/);
    });

    for (const [when, size] of [
      ['download', '100k'],
      ['extraction', '300k'],
    ] as const) {
      it(`explains a disk that is full in the ${when} and leaves nothing half done`, async () => {
        const { pin } = await fetching.serve();
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
      const output = await fetchMounted('mount -t tmpfs -o ro tmpfs /mnt', (await fetching.serve()).pin);
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
    } = await fetching.serve({ chunk: 5000 });
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
    await killFetches(() => join(fetching.folder, `killed-${next++}`), 4);
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
