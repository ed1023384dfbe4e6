/** What may go wrong when CMake is fetched. It comes the way of libtorch: toolchain-fetch.test.ts has the rest. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchTool, toolSources } from '../../native/toolchain/fetch-tools.mjs';
import { FETCHABLE } from '../../native/toolchain/find-tools.cjs';
import { downloadWithPip } from '../../native/toolchain/pip.mjs';
import pythons from '../../native/toolchain/python.cjs';
import { codeIs, useFetchCase } from '../support/fetch-case.js';
import { fetchCmakeHere, killFetches, startFetch, temporaryFiles } from '../support/fetch-kill.js';
import { type ServerBehaviour } from '../support/libtorch-server.js';
import { CMAKE_FILE, cmakePinOf, cmakeWheel, type CmakeWheel } from '../support/tool-wheel.js';

describe('fetchTool', () => {
  const fetching = useFetchCase();
  const cache = (): string => join(fetching.folder, 'cache');
  const place = (): string => join(cache(), 'tools', 'cmake-4.4.3-linux-x64');
  const program = (): string => join(place(), 'bin', 'cmake');
  const serve = (behaviour: ServerBehaviour = {}, made: CmakeWheel = {}) =>
    fetching.serve(behaviour, { wheel: cmakeWheel(made), pinOf: cmakePinOf });

  async function assertRefused(made: CmakeWheel, reason: RegExp): Promise<void> {
    const { pin } = await serve({}, made);
    await assert.rejects(fetchCmakeHere(cache(), pin), codeIs('ERR_ARCHIVE', reason));
    assert.ok(!existsSync(place()), 'nothing is put in place');
    assert.deepEqual(temporaryFiles(cache()), []);
  }

  it('takes the program, its modules and templates, and nothing else', async () => {
    const { pin } = await serve();
    assert.equal(await fetchCmakeHere(cache(), pin), program());
    const files = readdirSync(place(), { recursive: true }).map(String);
    assert.deepEqual(files.filter((name) => statSync(join(place(), name)).isFile()).sort(), [
      'bin/cmake',
      'deepcode-manifest.json',
      'share/cmake-4.4/Modules/CMake.cmake',
      'share/cmake-4.4/Modules/Noise.cmake',
      'share/cmake-4.4/Templates/TestDriver.cxx.in',
    ]);
    assert.equal(spawnSync(program(), [], { encoding: 'utf8' }).stdout, 'cmake version 4.4.3\n');
    assert.deepEqual(readdirSync(join(cache(), 'downloads')), []);
  });

  it('asks nobody when it is already there, also offline', async () => {
    const { pin, server } = await serve();
    await fetchCmakeHere(cache(), pin);
    const env = { ...process.env, DEEPCODE_CACHE: cache(), DEEPCODE_OFFLINE: '1' };
    assert.equal(await fetchTool('cmake', { env }), program());
    assert.equal(server.requests.length, 1);
  });

  for (const [what, damage] of [
    ['a program that was changed', () => writeFileSync(program(), readFileSync(program(), 'utf8').replace('4.4.3', '4.4.4'))],
    ['a module that was changed', () => writeFileSync(join(place(), 'share/cmake-4.4/Modules/CMake.cmake'), '# nodule')],
    ['a program that may not be run', () => chmodSync(program(), 0o644)],
    ['a lost template', () => rmSync(join(place(), 'share/cmake-4.4/Templates'), { recursive: true })],
  ] as const) {
    it(`replaces a copy with ${what}`, async () => {
      const { pin, server } = await serve();
      await fetchCmakeHere(cache(), pin);
      damage();
      await fetchCmakeHere(cache(), pin);
      assert.equal(server.requests.length, 2);
      assert.match(readFileSync(program(), 'utf8'), /4\.4\.3/);
      assert.deepEqual(readdirSync(join(cache(), 'tools')), ['cmake-4.4.3-linux-x64']);
    });
  }

  it('refuses another file than the pinned one', async () => {
    const { pin } = await serve();
    await assert.rejects(fetchCmakeHere(cache(), { ...pin, sha256: '0'.repeat(64) }), codeIs('ERR_CHECKSUM'));
    assert.ok(!existsSync(place()));
    assert.deepEqual(readdirSync(join(cache(), 'downloads')), []);
  });

  it('refuses a link', () =>
    assertRefused({ extra: [{ name: 'cmake/data/bin/ccmake', data: '/bin/sh', mode: 0o120777 }] }, /link/));
  it('refuses a path upwards', () =>
    assertRefused({ extra: [{ name: 'cmake/data/bin/../../../escape', data: 'evil' }] }, /plain relative path/));
  it('refuses a program that may not be run', () => assertRefused({ mode: 0o100644 }, /may not be run/));
  it('refuses a program that fails', () =>
    assertRefused({ program: '#!/bin/sh\nexit 1\n' }, /does not run on this machine/));
  it('refuses a program of another version', () =>
    assertRefused({ program: "#!/bin/sh\necho 'cmake version 3.1'\n" }, /says that it is "cmake version 3\.1"/));

  it('continues after the connection was cut, and begins anew with a server that cannot', async () => {
    for (const ignoreRange of [false, true]) {
      const { pin, server } = await serve({ cutAfter: 50_000, cuts: 2, ignoreRange }, { noise: 200_000 });
      await fetchCmakeHere(cache(), pin);
      assert.equal(server.requests.length, 3);
      await server.close();
      rmSync(cache(), { recursive: true });
    }
  });

  it('explains a cache that cannot be written, and how to do without', async () => {
    const { pin } = await serve();
    writeFileSync(join(fetching.folder, 'file'), '');
    const env = { ...process.env, DEEPCODE_CACHE: join(fetching.folder, 'file', 'cache') };
    const sources = () => [{ pin, label: 'test', get: () => assert.fail('nothing is downloaded') }];
    await assert.rejects(fetchTool('cmake', { env, sources, instead: ['install it'] }), (error: Error & { fixes?: string[] }) => {
      codeIs('ERR_IO', /cannot be written/)(error);
      assert.deepEqual(error.fixes?.slice(1), ['install it']);
      return true;
    });
  });

  it('does not download when told to stay offline, and says how to do without', async () => {
    const env = { ...process.env, DEEPCODE_CACHE: cache(), DEEPCODE_OFFLINE: '1' };
    await assert.rejects(fetchTool('cmake', { env, instead: ['install it'] }), (error: Error & { fixes?: string[] }) => {
      codeIs('ERR_OFFLINE', /CMake is missing/)(error);
      assert.deepEqual(error.fixes, ['Unset DEEPCODE_OFFLINE.', 'install it']);
      return true;
    });
    assert.ok(!existsSync(cache()));
  });

  it('serves two processes on one cache with one download', async () => {
    const { pin, server } = await serve({ chunk: 5000 }, { noise: 200_000 });
    const children = [startFetch(cache(), pin, 'cmake'), startFetch(cache(), pin, 'cmake')];
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'close'))[0] as number));
    assert.deepEqual(codes, [0, 0]);
    assert.equal(server.requests.length, 1);
  });

  it('survives kill -9 in the download and in the extraction', async () => {
    let next = 0;
    await killFetches(() => join(fetching.folder, `killed-${next++}`), 4, 'cmake');
  });

  it("asks the user's pip first, then for the file itself", () => {
    for (const name of ['cmake', 'ninja']) {
      const labels = (env: NodeJS.ProcessEnv): string[] =>
        (toolSources(name, env) as { label: string }[]).map(({ label }) => label);
      assert.deepEqual(labels({ ...process.env, DEEPCODE_PYTHON: '/bin/false' }), ['files.pythonhosted.org']);
      if (pythons.pythonWithPip()) assert.deepEqual(labels(process.env), ['pip', 'files.pythonhosted.org']);
    }
  });

  it('is given by pip whatever Python there is', async function () {
    const python = pythons.pythonWithPip();
    if (python === undefined) {
      this.test!.skipReason = 'there is no pip on this machine';
      this.skip();
    }
    const wheel = cmakeWheel();
    const links = join(fetching.folder, 'links');
    mkdirSync(links);
    writeFileSync(join(links, CMAKE_FILE), wheel);
    const env = { ...process.env, PIP_FIND_LINKS: links, PIP_NO_INDEX: '1', PIP_CONFIG_FILE: '/dev/null' };
    const target = join(fetching.folder, 'cmake.whl');
    // The tags are those of the real pin: with others, pip finds nothing.
    await downloadWithPip({ ...cmakePinOf(wheel), tags: FETCHABLE.cmake.pin.tags }, target, { python, env });
    assert.deepEqual(readFileSync(target), wheel);
  });
});
