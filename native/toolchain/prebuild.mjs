// Makes the prebuilt binary for the libtorch that is found, to be shipped in the package:
// prebuilds/torch-2.13/prebuilds/linux-x64/deepcode.glibc.node. Run once for each supported version,
// with DEEPCODE_LIBTORCH naming it. Build where the oldest supported C library is.
// Usage: npm run build:prebuilt

import { createRequire } from 'node:module';
import { spawnSync } from 'node:child_process';
import { dirname, join, relative } from 'node:path';
import { checkLoads } from './build-steps.mjs';
import { locateLibtorch } from './locate-libtorch.mjs';
import info from './libtorch-info.cjs';
import paths from './paths.cjs';
import { log, printFailure, ToolchainError } from './report.mjs';
import runtime from './runtime-libtorch.cjs';

function runPrebuildify(out, libtorch) {
  const require = createRequire(join(paths.projectRoot, 'package.json'));
  const script = join(dirname(require.resolve('prebuildify/package.json')), 'bin.js');
  const child = spawnSync(
    process.execPath,
    [
      script,
      '--napi',
      '--strip',
      '--tag-libc',
      '--target',
      `node@${process.versions.node}`,
      '--name',
      'deepcode',
      '--out',
      out,
    ],
    {
      cwd: paths.projectRoot,
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEEPCODE_LIBTORCH: libtorch.root },
    },
  );
  if (child.status === 0) return;
  throw new ToolchainError('ERR_BUILD', 'prebuildify failed; its output is above.', [
    'Run it through npm, which brings node-gyp: npm run build:prebuilt',
  ]);
}

async function main() {
  const libtorch = await locateLibtorch();
  const out = paths.prebuildRoot(info.minorOf(libtorch.version));
  runPrebuildify(relative(paths.projectRoot, out), libtorch);
  const addon = runtime.prebuiltAddon(libtorch.version);
  checkLoads(addon, libtorch);
  log(`${relative(paths.projectRoot, addon)} is ready`);
}

main().catch((error) => {
  process.exitCode = printFailure(error);
});
