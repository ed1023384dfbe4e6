import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileJobs, findTools, which } from '../../../native/toolchain/tools.mjs';

describe('findTools', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-tools-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const install = (name: string, says: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\necho '${says}'\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const find = (env: NodeJS.ProcessEnv = {}) => findTools({ PATH: folder, ...env });
  const missing =
    (what: RegExp) =>
    (error: Error & { code?: string; fixes?: string[] }): boolean => {
      assert.equal(error.code, 'ERR_TOOL_MISSING');
      assert.match(error.message, what);
      assert.ok((error.fixes ?? []).length > 0);
      return true;
    };

  it('finds compiler, CMake, ninja and ccache', () => {
    install('g++', 'g++ 13.2');
    install('cmake', 'cmake version 3.28.1');
    install('ninja', '1.11');
    install('ccache', 'ccache 4');
    const tools = find();
    assert.equal(tools.cxx, join(folder, 'g++'));
    assert.equal(tools.cxxVersion, 'g++ 13.2');
    assert.equal(tools.cmakeVersion, '3.28.1');
    assert.equal(tools.ninja, join(folder, 'ninja'));
    assert.equal(tools.ccache, join(folder, 'ccache'));
  });

  it('does without ninja and ccache', () => {
    install('c++', 'c++ 12');
    install('cmake', 'cmake version 3.18.0');
    install('make', 'make');
    const tools = find();
    assert.deepEqual([tools.ninja, tools.ccache], [undefined, undefined]);
  });

  it('says how to install a compiler', () => assert.throws(() => find(), missing(/No C\+\+ compiler/)));
  it('says what is wrong with CXX', () =>
    assert.throws(() => find({ CXX: '/no/such/compiler' }), missing(/CXX names/)));

  it('says how to install CMake', () => {
    install('g++', 'g++ 13');
    assert.throws(() => find(), missing(/CMake was not found/));
  });

  it('refuses an old CMake by its number', () => {
    install('g++', 'g++ 13');
    install('cmake', 'cmake version 3.16.3');
    assert.throws(() => find(), missing(/CMake 3\.16\.3 is too old/));
  });

  it('needs ninja or make', () => {
    install('g++', 'g++ 13');
    install('cmake', 'cmake version 3.28.1');
    assert.throws(() => find(), missing(/Neither ninja nor make/));
  });

  it('finds programs by path and in PATH only when they can be run', () => {
    install('x', '');
    writeFileSync(join(folder, 'y'), '');
    assert.equal(which('x', { PATH: folder }), join(folder, 'x'));
    assert.equal(which(join(folder, 'x'), {}), join(folder, 'x'));
    assert.equal(which('y', { PATH: folder }), undefined);
  });

  it('compiles no more at once than there are cores, or as DEEPCODE_JOBS says', () => {
    assert.ok(compileJobs({}) >= 1 && compileJobs({}) <= availableParallelism());
    assert.equal(compileJobs({ DEEPCODE_JOBS: '7' }), 7);
    assert.equal(compileJobs({ DEEPCODE_JOBS: 'many' }), compileJobs({}));
  });
});
