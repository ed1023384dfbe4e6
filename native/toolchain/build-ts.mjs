// Compiles ts/ to dist/ when something in it has changed, and writes the entry point for ESM.
// Usage: node native/toolchain/build-ts.mjs [--force]

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withLock } from './lock.mjs';
import paths from './paths.cjs';
import { log, printFailure, ToolchainError } from './report.mjs';

const require = createRequire(join(paths.projectRoot, 'package.json'));
const dist = join(paths.projectRoot, 'dist');
const stamp = join(dist, '.fingerprint');

function fingerprint() {
  const hash = createHash('sha256');
  const sources = readdirSync(join(paths.projectRoot, 'ts'), { recursive: true }).map(String).sort();
  const files = [
    'tsconfig.json',
    'native/toolchain/build-ts.mjs',
    ...sources.filter((file) => file.endsWith('.ts')).map((file) => join('ts', file)),
  ];
  for (const file of files) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(paths.projectRoot, file)))
      .update('\0');
  }
  hash.update(require('typescript/package.json').version);
  return hash.digest('hex');
}

function runCompiler(outDir) {
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const child = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json', '--outDir', outDir], {
    encoding: 'utf8',
    cwd: paths.projectRoot,
  });
  if (child.status === 0) return;
  process.stderr.write(child.stdout + child.stderr);
  throw new ToolchainError('ERR_BUILD', 'The TypeScript sources have errors; they are listed above.');
}

// ESM importers get the very objects that require() gives, so that `instanceof` and module state
// are shared between the two. Names are written out: a lexer guessing them from CommonJS may miss some.
function writeEsmEntry(folder) {
  const names = Object.keys(require(join(folder, 'index.js')))
    .filter((name) => name !== 'default')
    .sort();
  writeFileSync(
    join(folder, 'index.mjs'),
    `import deepcode from './index.js';\n\nexport const {\n  ${names.join(',\n  ')},\n} = deepcode;\n`,
  );
  writeFileSync(join(folder, 'index.d.mts'), "export * from './index.js';\n");
}

/** Makes sure that dist/ fits ts/; returns whether it was compiled. */
export function buildTypeScript({ force = false } = {}) {
  const onWait = (pid) => log(`another compilation is running (process ${pid}); waiting for it`);
  return withLock(`build-ts:${paths.projectRoot}`, onWait, async () => {
    const wanted = fingerprint();
    if (!force && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
    log('compiling the TypeScript sources');
    // Beside dist/, since the code reaches out of it, and then in its place: an error leaves the last good one.
    const fresh = join(paths.projectRoot, '.dist-new');
    rmSync(fresh, { recursive: true, force: true });
    runCompiler(fresh);
    writeEsmEntry(fresh);
    writeFileSync(join(fresh, '.fingerprint'), wanted);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
    return true;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  buildTypeScript({ force: process.argv.includes('--force') }).catch((error) => {
    process.exitCode = printFailure(error);
  });
}
