/** A copy of this package without a build, as npm unpacks it, whose cmake-js compiles nothing: it hands over the addon of this checkout. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Libtorch, resolveRuntime } from '../../native/toolchain/runtime-libtorch.cjs';

const ROOT = resolve(__dirname, '../..');
const COPIED = ['bin', 'dist', 'native', 'package.json', 'binding.gyp', 'CMakeLists.txt'];

/** Writes down how it is called; `build` puts the addon where CMake would. */
const CMAKE_JS = `
const { appendFileSync, copyFileSync, mkdirSync } = require('node:fs');
const [command] = process.argv.slice(2);
appendFileSync('cmake-js.log', command + '\\n');
if (command === 'build') {
  mkdirSync('build/cmake/Release', { recursive: true });
  copyFileSync(process.env.DEEPCODE_TEST_ADDON, 'build/cmake/Release/deepcode.node');
}
`;

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export class PackageCopy {
  /** What this checkout runs with. */
  readonly libtorch: Libtorch;
  readonly addon: string;

  constructor(readonly folder: string) {
    const { libtorch, addon } = resolveRuntime();
    if (libtorch === undefined || addon === undefined) throw new Error('The addon of this checkout is not built.');
    [this.libtorch, this.addon] = [libtorch, addon];
    mkdirSync(this.at('node_modules', 'cmake-js', 'bin'), { recursive: true });
    for (const name of COPIED) cpSync(join(ROOT, name), this.at(name), { recursive: true });
    // Read only: the detector that ships and the photographs.
    for (const name of ['ts', 'test']) symlinkSync(join(ROOT, name), this.at(name));
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      if (name !== 'cmake-js') symlinkSync(join(ROOT, 'node_modules', name), this.at('node_modules', name));
    }
    writeFileSync(this.at('node_modules', 'cmake-js', 'package.json'), '{"name": "cmake-js"}');
    writeFileSync(this.at('node_modules', 'cmake-js', 'bin', 'cmake-js'), CMAKE_JS);
  }

  /** As it was unpacked. */
  reset(): void {
    for (const name of ['build', 'prebuilds', 'cmake-js.log']) rmSync(this.at(name), { recursive: true, force: true });
  }

  at(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** The name that `npm run build:prebuilt` gives to a binary. */
  prebuilt({ minor = /^\d+\.\d+/.exec(this.libtorch.version)![0], platform = 'linux-x64', name = 'deepcode.glibc.node' } = {}): string {
    return this.at('prebuilds', `torch-${minor}`, 'prebuilds', platform, name);
  }

  /** Puts this checkout's addon, or `bytes`, at a path of the copy. */
  place(path: string, bytes?: string): void {
    mkdirSync(dirname(path), { recursive: true });
    if (bytes === undefined) copyFileSync(this.addon, path);
    else writeFileSync(path, bytes);
  }

  /** How cmake-js has been called so far. */
  get compiled(): string[] {
    const log = this.at('cmake-js.log');
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  }

  /** Runs a program in the copy, with this checkout's libtorch. */
  run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Ended {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, DEEPCODE_LIBTORCH: this.libtorch.root, DEEPCODE_TEST_ADDON: this.addon, OMP_NUM_THREADS: '1', ...env },
    });
    return { status, stdout, stderr };
  }
}
