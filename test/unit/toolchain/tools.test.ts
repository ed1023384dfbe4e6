import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildAddon } from '../../../native/toolchain/build.mjs';
import { FETCHABLE, installedTools, which } from '../../../native/toolchain/find-tools.cjs';
import { toolCacheDir } from '../../../native/toolchain/paths.cjs';
import { compileJobs, obtainTools } from '../../../native/toolchain/tools.mjs';
import { fakePython } from '../../support/fake-libtorch.js';

const LINUX = { platform: 'linux', arch: 'x64' };

describe('obtainTools', () => {
  let folder: string;
  let asked: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-tools-'));
    asked = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const install = (name: string, says: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `#!/bin/sh\necho '${says}'\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const fetch = (name: string, { instead }: { instead: string[] }): string => {
    assert.ok(instead.length > 0, 'there is advice for who cannot download');
    asked.push(name);
    return `/cache/${name}`;
  };
  const obtain = (env: NodeJS.ProcessEnv = {}, machine = LINUX) =>
    obtainTools({ env: { PATH: folder, ...env }, machine, fetch });
  const missing =
    (what: RegExp) =>
    (error: Error & { code?: string; fixes?: string[] }): boolean => {
      assert.equal(error.code, 'ERR_TOOL_MISSING');
      assert.match(error.message, what);
      assert.ok((error.fixes ?? []).length > 0);
      return true;
    };

  it('finds compiler, CMake, ninja and ccache', async () => {
    install('g++', 'g++ 13.2');
    install('cmake', 'cmake version 3.28.1');
    install('ninja', '1.11');
    install('ccache', 'ccache 4');
    const tools = await obtain();
    assert.equal(tools.cxx, join(folder, 'g++'));
    assert.equal(tools.cxxVersion, 'g++ 13.2');
    assert.equal(tools.cmake, join(folder, 'cmake'));
    assert.equal(tools.cmakeVersion, '3.28.1');
    assert.equal(tools.ninja, join(folder, 'ninja'));
    assert.equal(tools.ccache, join(folder, 'ccache'));
    assert.deepEqual([tools.fetched, asked], [[], []]);
  });

  it('does without ninja and ccache', async () => {
    install('c++', 'c++ 12');
    install('cmake', 'cmake version 3.18.0');
    install('make', 'make');
    const tools = await obtain();
    assert.deepEqual([tools.ninja, tools.ccache, asked], [undefined, undefined, []]);
  });

  it('says how to install a compiler, and fetches nothing first', async () => {
    await assert.rejects(obtain(), missing(/No C\+\+ compiler/));
    assert.deepEqual(asked, []);
  });
  it('says what is wrong with CXX', () =>
    assert.rejects(obtain({ CXX: '/no/such/compiler' }), missing(/CXX names/)));

  it('fetches CMake and ninja where there is a compiler alone', async () => {
    install('c++', 'c++ 12');
    const tools = await obtain();
    assert.deepEqual(asked, ['cmake', 'ninja']);
    assert.deepEqual([tools.cmake, tools.ninja], ['/cache/cmake', '/cache/ninja']);
    assert.equal(tools.cmakeVersion, FETCHABLE.cmake.pin.version);
    assert.deepEqual(tools.fetched, ['/cache/cmake', '/cache/ninja']);
  });

  it('fetches no ninja where there is make', async () => {
    install('c++', 'c++ 12');
    install('make', 'make');
    assert.equal((await obtain()).ninja, undefined);
    assert.deepEqual(asked, ['cmake']);
  });

  for (const [what, script] of [
    ['an old CMake', "echo 'cmake version 3.16.3'"],
    ['a CMake that does not run', 'exit 1'],
    ['something else of that name', "echo 'not a version'"],
  ] as const) {
    it(`fetches CMake in the place of ${what}`, async () => {
      install('c++', 'c++ 12');
      install('ninja', '1.11');
      writeFileSync(join(folder, 'cmake'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      assert.equal((await obtain()).cmake, '/cache/cmake');
      assert.deepEqual(asked, ['cmake']);
    });
  }

  for (const machine of [
    { platform: 'linux', arch: 'arm64' },
    { platform: 'darwin', arch: 'x64' },
  ]) {
    it(`says how to install what is missing on ${machine.platform} ${machine.arch}`, async () => {
      install('g++', 'g++ 13');
      await assert.rejects(obtain({}, machine), missing(/CMake was not found; 3\.18 or newer/));
      install('cmake', 'cmake version 3.16.3');
      await assert.rejects(obtain({}, machine), missing(/CMake 3\.16\.3 is too old; 3\.18/));
      install('cmake', 'cmake version 3.28.1');
      await assert.rejects(obtain({}, machine), missing(/Neither ninja nor make/));
      assert.deepEqual(asked, []);
    });
  }

  it('lacks a compiler before anything is downloaded', async () => {
    const python = fakePython(join(folder, 'python'), undefined);
    const env = { PATH: folder, DEEPCODE_CACHE: join(folder, 'cache'), DEEPCODE_PYTHON: python };
    await assert.rejects(buildAddon({ force: true, env }), missing(/No C\+\+ compiler/));
    assert.ok(!existsSync(join(folder, 'cache')));
  });

  it('finds what an earlier build downloaded when the system has none', () => {
    const env = { PATH: folder, DEEPCODE_CACHE: join(folder, 'cache') };
    assert.deepEqual(installedTools(env), { cmake: undefined, ninja: undefined, make: undefined });
    for (const name of ['cmake', 'ninja'] as const) {
      const { pin, program } = FETCHABLE[name];
      const file = join(toolCacheDir(name, pin.version, env), program);
      install(file.slice(folder.length + 1), `${name} version ${pin.version}`);
      assert.deepEqual(installedTools(env)[name], {
        path: file,
        version: `${name} version ${pin.version}`,
        source: 'cache',
      });
    }
    install('cmake', 'cmake version 3.28.1');
    install('make', 'GNU Make 4.3');
    const { cmake, ninja, make } = installedTools(env);
    assert.deepEqual([cmake?.source, ninja, make?.source], ['system', undefined, 'system']);
  });

  it('finds programs by path and in PATH only when they can be run', () => {
    install('x', '');
    writeFileSync(join(folder, 'y'), '');
    mkdirSync(join(folder, 'z'));
    assert.equal(which('x', { PATH: folder }), join(folder, 'x'));
    assert.equal(which(join(folder, 'x'), {}), join(folder, 'x'));
    for (const name of ['y', 'z']) assert.equal(which(name, { PATH: folder }), undefined);
  });

  it('compiles no more at once than there are cores, or as DEEPCODE_JOBS says', () => {
    assert.ok(compileJobs({}) >= 1 && compileJobs({}) <= availableParallelism());
    assert.equal(compileJobs({ DEEPCODE_JOBS: '7' }), 7);
    assert.equal(compileJobs({ DEEPCODE_JOBS: 'many' }), compileJobs({}));
  });
});
