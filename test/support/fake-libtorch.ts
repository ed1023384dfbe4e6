/** Folders that look like a libtorch, for tests of the search. Nothing in them can be loaded. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface FakeLibtorch {
  version?: string;
  cuda?: boolean;
  headers?: boolean;
  /** Says the version in a Python package's version.py, a C++ archive's build-version, or only in a header. */
  style?: 'python' | 'archive' | 'header';
}

function put(file: string, text = ''): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function putVersion(root: string, version: string, style: string): void {
  if (style === 'python') put(join(root, 'version.py'), `__version__ = '${version}'\ndebug = False\n`);
  if (style === 'archive') put(join(root, 'build-version'), `${version}\n`);
  const [major, minor, patch] = version.replace(/\+.*/, '').split('.');
  if (style === 'header') {
    put(
      join(root, 'include/torch/headeronly/version.h'),
      `#define TORCH_VERSION_MAJOR ${major}\n#define TORCH_VERSION_MINOR ${minor}\n#define TORCH_VERSION_PATCH ${patch}\n`,
    );
  }
}

/** Creates one in `root` and returns `root`. */
export function fakeLibtorch(root: string, options: FakeLibtorch = {}): string {
  const { version = '2.13.0+cpu', cuda = false, headers = true, style = 'python' } = options;
  putVersion(root, version, style);
  for (const name of ['libc10.so', 'libtorch_cpu.so', ...(cuda ? ['libtorch_cuda.so'] : [])])
    put(join(root, 'lib', name));
  if (headers) put(join(root, 'include/torch/csrc/utils.h'));
  return root;
}

/** A command that answers as a Python with a torch package in `torchRoot` would. */
export function fakePython(file: string, torchRoot: string | undefined): string {
  const origin = torchRoot === undefined ? '' : join(torchRoot, '__init__.py');
  put(file, `#!/bin/sh\nprintf '%s' '${origin}'\n`);
  chmodSync(file, 0o755);
  return file;
}
