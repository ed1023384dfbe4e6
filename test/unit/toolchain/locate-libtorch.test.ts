import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectLibtorch } from '../../../native/toolchain/libtorch-info.cjs';
import { locateLibtorch } from '../../../native/toolchain/locate-libtorch.mjs';
import { writeManifest } from '../../../native/toolchain/manifest.mjs';
import { cacheDir, libtorchCacheDir } from '../../../native/toolchain/paths.cjs';
import { findInstalled } from '../../../native/toolchain/runtime-libtorch.cjs';
import { fakeLibtorch, fakePython } from '../../support/fake-libtorch.js';

describe('the search for libtorch', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-locate-'));
    env = {
      PATH: process.env.PATH,
      DEEPCODE_CACHE: join(folder, 'cache'),
      DEEPCODE_PYTHON: fakePython(join(folder, 'no-torch'), undefined),
    };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const inFolder = (name: string, options = {}): string => fakeLibtorch(join(folder, name), options);
  const withPython = (root: string): void => {
    env.DEEPCODE_PYTHON = fakePython(join(folder, 'python'), root);
  };
  const fillCache = (): string => {
    const root = fakeLibtorch(libtorchCacheDir('2.13.0', env));
    writeManifest(root, {
      version: '2.13.0',
      origin: 'test',
      sha256: '',
      files: { 'lib/libc10.so': [0, ''] },
    });
    return root;
  };
  const find = (): Promise<{ root: string; source: string } | undefined> =>
    locateLibtorch({ env, allowDownload: false });

  describe('inspectLibtorch', () => {
    for (const style of ['python', 'archive', 'header'] as const) {
      it(`reads the version of a ${style} layout`, () => {
        const info = inspectLibtorch(inFolder('x', { style, version: '2.12.1' }));
        assert.ok(typeof info !== 'string');
        assert.equal(info.version, '2.12.1');
        assert.equal(info.lib, join(folder, 'x', 'lib'));
        assert.equal(info.include, join(folder, 'x', 'include'));
      });
    }

    it('tells a CUDA build from a CPU build', () => {
      const cuda = inspectLibtorch(inFolder('cuda', { cuda: true, version: '2.13.0+cu130' }));
      const cpu = inspectLibtorch(inFolder('cpu'));
      assert.ok(typeof cuda !== 'string' && typeof cpu !== 'string');
      assert.deepEqual([cuda.cuda, cpu.cuda], [true, false]);
    });

    for (const version of ['2.11.0', '2.12.1+cu126', '2.13.0', '2.14.2']) {
      it(`accepts ${version}`, () =>
        assert.notEqual(typeof inspectLibtorch(inFolder('x', { version })), 'string'));
    }
    for (const version of ['1.13.1', '2.1.0', '2.10.0', '2.15.0', '3.0.0']) {
      it(`refuses ${version} by its number`, () =>
        assert.match(String(inspectLibtorch(inFolder('x', { version }))), /supported are 2\.11/));
    }

    it('says which library is missing', () => {
      const root = inFolder('x');
      rmSync(join(root, 'lib', 'libc10.so'));
      assert.equal(inspectLibtorch(root), 'it has no lib/libc10.so');
    });

    it('refuses a folder without a version', () => {
      const root = inFolder('x');
      rmSync(join(root, 'version.py'));
      assert.match(String(inspectLibtorch(root)), /version cannot be read/);
    });
  });

  it('takes DEEPCODE_LIBTORCH before all others', async () => {
    withPython(inFolder('python-torch'));
    fillCache();
    env.DEEPCODE_LIBTORCH = inFolder('asked');
    assert.deepEqual(
      [(await find())?.root, (await find())?.source],
      [env.DEEPCODE_LIBTORCH, 'DEEPCODE_LIBTORCH'],
    );
  });

  it('takes the torch of Python before the cache', async () => {
    const root = inFolder('python-torch');
    withPython(root);
    fillCache();
    const found = await find();
    assert.deepEqual([found?.root, found?.source], [root, 'python']);
  });

  it('takes the cache when Python has none', async () => {
    const root = fillCache();
    const found = await find();
    assert.deepEqual([found?.root, found?.source], [root, 'cache']);
  });

  it('passes over a torch of Python that is not supported', async () => {
    withPython(inFolder('old', { version: '2.4.0' }));
    const root = fillCache();
    assert.equal((await find())?.root, root);
  });

  it('finds nothing where there is nothing', async () => assert.equal(await find(), undefined));

  it('does not take a cached copy that lost files', async () => {
    rmSync(join(fillCache(), 'lib', 'libc10.so'));
    assert.equal(await find(), undefined);
  });

  it('stops at a DEEPCODE_LIBTORCH that cannot be used, and says why', async () => {
    fillCache();
    for (const [root, reason] of [
      [join(folder, 'nowhere'), /no lib\/libc10\.so/],
      [inFolder('old', { version: '2.4.0' }), /version 2\.4\.0/],
      [inFolder('run-only', { headers: false }), /no include\/torch/],
    ] as const) {
      env.DEEPCODE_LIBTORCH = root;
      await assert.rejects(find(), (error: Error & { code?: string; fixes?: string[] }) => {
        assert.equal(error.code, 'ERR_LIBTORCH');
        assert.match(error.message, reason);
        assert.ok((error.fixes ?? []).length > 0);
        return true;
      });
    }
  });

  it('accepts a libtorch without headers to run with', () => {
    env.DEEPCODE_LIBTORCH = inFolder('run-only', { headers: false });
    assert.equal(findInstalled(env).libtorch?.root, env.DEEPCODE_LIBTORCH);
  });

  it('does not import the torch of a current folder', () => {
    mkdirSync(join(folder, 'torch'));
    writeFileSync(join(folder, 'torch', '__init__.py'), 'raise SystemExit("executed")');
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { libtorch, rejected } = findInstalled({
        PATH: process.env.PATH,
        DEEPCODE_CACHE: join(folder, 'cache'),
      });
      const places = [libtorch, ...rejected].map((place) => place?.root);
      assert.ok(!places.includes(join(folder, 'torch')), String(places));
    } finally {
      process.chdir(before);
    }
  });

  it('starts no Python when a build recorded its libtorch', () => {
    env.DEEPCODE_PYTHON = join(folder, 'must-not-run');
    writeFileSync(env.DEEPCODE_PYTHON, `#!/bin/sh\ntouch ${join(folder, 'ran')}\n`, { mode: 0o755 });
    const root = inFolder('recorded');
    const { libtorch } = findInstalled(env, { root, source: 'python' });
    assert.deepEqual([libtorch?.root, libtorch?.source], [root, 'python']);
    assert.ok(!existsSync(join(folder, 'ran')));
    findInstalled(env);
    assert.ok(existsSync(join(folder, 'ran')), 'without a record it is asked');
  });

  it('puts the cache where DEEPCODE_CACHE, XDG_CACHE_HOME or HOME say', () => {
    assert.equal(cacheDir({ DEEPCODE_CACHE: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' }), '/a');
    assert.equal(cacheDir({ XDG_CACHE_HOME: '/b', HOME: '/c' }), '/b/deepcode');
    assert.equal(cacheDir({ XDG_CACHE_HOME: 'relative', HOME: '/c' }), '/c/.cache/deepcode');
    assert.equal(cacheDir({ HOME: '/c' }), '/c/.cache/deepcode');
  });
});
