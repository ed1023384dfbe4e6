import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** Fills the new `folder` with links to the programs of the PATH, but for those that match `without`. */
function linkPrograms(folder: string, without: RegExp): void {
  mkdirSync(folder);
  for (const place of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of existsSync(place) ? readdirSync(place) : []) {
      const link = join(folder, name);
      if (!without.test(name) && !existsSync(link)) symlinkSync(join(place, name), link);
    }
  }
}

interface Ended {
  status: number | null;
  stdout: string;
  output: string;
}

/** What a newcomer has: no cache, no DEEPCODE_LIBTORCH, nothing installed. */
describe('from nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'deepcode-fresh-'));
  const clone = join(folder, 'clone');
  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(command: string, args: string[], cwd: string, changes: NodeJS.ProcessEnv = {}): Ended {
    const { DEEPCODE_LIBTORCH: _, ...rest } = process.env;
    const env = { ...rest, DEEPCODE_CACHE: join(folder, 'cache'), ...changes };
    const child = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
    return { status: child.status, stdout: child.stdout, output: child.stdout + child.stderr };
  }

  const ONE_TEST = ['test', '--', 'test/unit/toolchain/crc32.test.ts'];
  const lastLine = ({ stdout }: Ended): string | undefined => stdout.trimEnd().split('\n').at(-1);

  it('npm test is enough as the first command after git clone', () => {
    assert.equal(run('git', ['clone', '-q', ROOT, clone], folder).status, 0);
    const ended = run('npm', ONE_TEST, clone);
    assert.equal(ended.status, 0, ended.output);
    assert.equal(lastLine(ended), '2 passed, 0 failed');
    assert.match(ended.output, /the addon is built/);
  });

  it('builds nothing the second time', () => {
    const ended = run('npm', ONE_TEST, clone);
    assert.equal(ended.status, 0, ended.output);
    assert.doesNotMatch(ended.output, /building|compiling|installing|downloading/);
  });

  it('says how to go on when the build cannot find a compiler', () => {
    const binaries = join(folder, 'bin');
    mkdirSync(binaries);
    const cache = join(folder, 'cache-without-compiler');
    const env = { PATH: binaries, DEEPCODE_CACHE: cache };
    const ended = run(process.execPath, ['native/toolchain/build.mjs', '--force'], clone, env);
    assert.equal(ended.status, 1);
    assert.match(ended.output, /No C\+\+ compiler was found.*\nWhat to do:\n +- .*apt-get install g\+\+/);
    assert.ok(!existsSync(cache), 'nothing was downloaded before');
  });

  it('npm test downloads the CMake and ninja of a build where there is neither, nor make', () => {
    const binaries = join(folder, 'bin-without-cmake');
    linkPrograms(binaries, /^(cmake|ctest|cpack|g?make|ninja|ninja-build|samu)$/);
    const bare = join(folder, 'bare');
    assert.equal(run('git', ['clone', '-q', ROOT, bare], folder).status, 0);
    const ended = run('npm', ONE_TEST, bare, { PATH: binaries });
    assert.equal(ended.status, 0, ended.output);
    assert.equal(lastLine(ended), '2 passed, 0 failed');
    assert.match(ended.output, /downloading CMake [^]*downloading ninja [^]*the addon is built/);
    const tree = readFileSync(join(bare, 'build', 'cmake', 'CMakeCache.txt'), 'utf8');
    for (const variable of ['CMAKE_COMMAND', 'CMAKE_MAKE_PROGRAM'])
      assert.ok(tree.includes(`${variable}:`) && new RegExp(`^${variable}:.*/tools/`, 'm').test(tree), variable);
  });

  it('installs from its own package into a project', () => {
    const packed = run('npm', ['pack', '--pack-destination', folder], clone);
    assert.equal(packed.status, 0, packed.output);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    const project = join(folder, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true }));
    const installed = run(
      'npm',
      ['install', '--foreground-scripts', join(folder, tarball as string)],
      project,
    );
    assert.equal(installed.status, 0, installed.output);
    // Newer npm versions run install scripts only when told to; then the user builds with npm rebuild.
    const rebuilt = run(process.execPath, ['node_modules/deepcode/native/toolchain/install.mjs'], project);
    assert.equal(rebuilt.status, 0, rebuilt.output);
    const doctor = run('npx', ['--no-install', 'deepcode', 'doctor', '--json'], project);
    assert.equal(doctor.status, 0, doctor.output);
    assert.equal((JSON.parse(doctor.stdout) as { ok: boolean }).ok, true);
  });
});
