import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FETCHABLE } from '../../../native/toolchain/find-tools.cjs';
import { toolCacheDir } from '../../../native/toolchain/paths.cjs';
import { examine, formatReport } from '../../../ts/doctor.js';
import { fakeLibtorch, fakePython } from '../../support/fake-libtorch.js';

describe('deepcode doctor', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-doctor-'));
    env = {
      ...process.env,
      DEEPCODE_CACHE: join(folder, 'cache'),
      DEEPCODE_PYTHON: fakePython(join(folder, 'python'), undefined),
    };
    delete env.DEEPCODE_LIBTORCH;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('describes the machine', () => {
    const { node, cpu, system, deepcode } = examine(env);
    assert.equal(node.version, process.versions.node);
    assert.match(deepcode.version, /^\d+\.\d+\.\d+/);
    assert.ok(cpu.cores >= 1 && system.memoryBytes > 0);
    assert.match(system.glibc ?? '', /^\d+\.\d+/);
    assert.equal(cpu.bf16, cpu.features.avx512_bf16 || cpu.features.amx_bf16);
  });

  it('says what is wrong with DEEPCODE_LIBTORCH', () => {
    env.DEEPCODE_LIBTORCH = join(folder, 'nowhere');
    const report = examine(env);
    assert.equal(report.ok, false);
    assert.match(report.advice[0] ?? '', /DEEPCODE_LIBTORCH is .*nowhere, but it has no lib/);
    assert.match(formatReport(report), /libtorch +not found/);
  });

  it('works when the libtorch cannot be loaded', () => {
    // The version is that of the addon, the libraries are empty files.
    env.DEEPCODE_LIBTORCH = fakeLibtorch(join(folder, 'empty'));
    const report = examine(env);
    assert.equal(report.ok, false);
    assert.equal(report.runtime.info, undefined);
    assert.match(report.runtime.addon.error ?? '', /too short|not built|no addon/);
    assert.match(report.advice.join('\n'), /does not load/);
    assert.match(formatReport(report), /CUDA +unknown until the addon loads/);
  });

  it('says when there is no addon for a libtorch', () => {
    env.DEEPCODE_LIBTORCH = fakeLibtorch(join(folder, 'other'), { version: '2.11.0' });
    const report = examine(env);
    assert.equal(report.runtime.addon.path, undefined);
    assert.match(report.advice.join('\n'), /no addon for libtorch 2\.11\.0/);
  });

  it('names the tools that a build lacks, when one is needed', () => {
    const report = examine({ ...env, DEEPCODE_LIBTORCH: join(folder, 'nowhere'), PATH: folder });
    assert.deepEqual(report.tools.cmake, undefined);
    const advice = report.advice.join('\n');
    assert.match(advice, /C\+\+20 compiler/);
    assert.match(advice, /CMake 3\.18.*A build downloads 4\.4\.3 \(30 MB\) by itself.*apt-get install cmake/);
    assert.match(advice, /make or ninja.*A build downloads 1\.13\.2 .*by itself/);
  });

  it('does not promise a download when told to stay offline', () => {
    const offline = { ...env, DEEPCODE_LIBTORCH: join(folder, 'nowhere'), PATH: folder, DEEPCODE_OFFLINE: '1' };
    const advice = examine(offline).advice.join('\n');
    assert.match(advice, /CMake 3\.18.*Debian or Ubuntu: sudo apt-get install cmake/);
    assert.doesNotMatch(advice, /A build downloads/);
  });

  it('tells the tools of the system from those that a build downloaded', () => {
    const put = (file: string, says: string): string => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
      return file;
    };
    const { pin, program } = FETCHABLE.cmake;
    const cmake = put(join(toolCacheDir('cmake', pin.version, env), program), 'cmake version 4.4.3');
    const ninja = put(join(folder, 'ninja'), '1.11.1');
    const report = examine({ ...env, DEEPCODE_LIBTORCH: join(folder, 'nowhere'), PATH: folder });
    assert.deepEqual(report.tools.cmake, { path: cmake, version: 'cmake version 4.4.3', source: 'cache' });
    assert.deepEqual(report.tools.ninja, { path: ninja, version: '1.11.1', source: 'system' });
    assert.match(
      formatReport(report),
      /cmake +cmake version 4\.4\.3, downloaded by a build\n +\/.*bin\/cmake\n +ninja +1\.11\.1 \(\/.*ninja\)\n/,
    );
    assert.doesNotMatch(report.advice.join('\n'), /CMake|ninja/);
  });

  it('measures the cache', () => {
    assert.deepEqual(examine(env).cache, {
      directory: join(folder, 'cache'),
      exists: false,
      writable: true,
      bytes: 0,
    });
    mkdirSync(join(folder, 'cache', 'sub'), { recursive: true });
    writeFileSync(join(folder, 'cache', 'sub', 'file'), Buffer.alloc(1234));
    assert.equal(examine(env).cache.bytes, 1234);
    writeFileSync(join(folder, 'file'), '');
    assert.equal(examine({ ...env, DEEPCODE_CACHE: join(folder, 'file', 'cache') }).cache.writable, false);
  });

  it('has text without gaps and a report that is plain JSON', () => {
    const report = examine(env);
    assert.doesNotMatch(formatReport(report), /undefined|NaN|\[object/);
    assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(report))), [
      'deepcode',
      'node',
      'system',
      'cpu',
      'runtime',
      'cache',
      'tools',
      'ok',
      'advice',
    ]);
  });
});
