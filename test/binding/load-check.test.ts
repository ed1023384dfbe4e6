import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLoads } from '../../native/toolchain/build-steps.mjs';
import { resolveRuntime } from '../../native/toolchain/runtime-libtorch.cjs';

describe('checkLoads', () => {
  const { addon, libtorch } = resolveRuntime();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-load-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A shared library of this C source. */
  function compile(source: string): string {
    const file = join(folder, 'candidate.node');
    writeFileSync(join(folder, 'candidate.c'), source);
    const child = spawnSync(
      process.env.CC ?? 'cc',
      ['-shared', '-fPIC', '-o', file, join(folder, 'candidate.c')],
      { encoding: 'utf8' },
    );
    assert.equal(child.status, 0, child.stderr);
    return file;
  }

  function assertRefused(file: string, message: RegExp, options = {}): void {
    assert.throws(
      () => checkLoads(file, libtorch, options),
      (error: Error & { code?: string; fixes?: string[] }) => {
        assert.equal(error.code, 'ERR_LOAD');
        assert.match(error.message, message);
        assert.ok((error.fixes ?? []).length >= 2);
        assert.ok(error.message.length <= 300);
        return true;
      },
    );
  }

  it('returns what the real addon says of itself', () => {
    assert.ok(addon !== undefined && libtorch !== undefined, 'the addon is built');
    const info = checkLoads(addon, libtorch) as { torch: string };
    assert.equal(info.torch, libtorch.version.replace(/\+.*/, ''));
  });

  it('refuses what is no library', () => {
    const file = join(folder, 'candidate.node');
    writeFileSync(file, 'this is text, not a library');
    assertRefused(file, /did not load/);
  });

  it('refuses a file that is not there', () => assertRefused(join(folder, 'none.node'), /missing/));
  it('refuses a library that is no addon', () =>
    assertRefused(compile('int x;'), /did not load: .*self-register/));

  it('refuses one that lacks a symbol', () => {
    assertRefused(
      compile('void no_such_function(void); void (*f)(void) = no_such_function;'),
      /do not fit together/,
    );
  });

  it('survives one that crashes', () => {
    assertRefused(
      compile('#include <stdlib.h>\n__attribute__((constructor)) static void f(void) { abort(); }'),
      /crashed .*SIGABRT/,
    );
  });

  it('survives one that hangs', () => {
    const file = compile(
      '#include <unistd.h>\n__attribute__((constructor)) static void f(void) { for (;;) pause(); }',
    );
    assertRefused(file, /hung/, { timeout: 5000 });
  });
});
