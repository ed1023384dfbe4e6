// The two outside programs of a build: cmake-js, and Node loading the result.

import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diagnoseBuild, diagnoseLoad } from './diagnose.mjs';
import paths from './paths.cjs';
import { ToolchainError } from './report.mjs';

const LOAD_CHECK = fileURLToPath(new URL('load-check.cjs', import.meta.url));
const OUTPUT_KEPT = 256 * 1024;

function cmakeJs() {
  const require = createRequire(join(paths.projectRoot, 'package.json'));
  try {
    return join(dirname(require.resolve('cmake-js/package.json')), 'bin', 'cmake-js');
  } catch (cause) {
    throw new ToolchainError(
      'ERR_TOOL_MISSING',
      'cmake-js is not installed.',
      ['Install the npm packages: npm ci'],
      { cause },
    );
  }
}

// ninja prints [3/70], make prints [ 4%]; both are turned into one short progress line.
function progressReader(stream = process.stderr) {
  let last = 0;
  return (text) => {
    const found = [...text.matchAll(/^\[\s*(\d+\/\d+|\d+%)\]/gm)].at(-1)?.[1];
    if (!found || Date.now() - last < (stream.isTTY ? 200 : 10_000)) return;
    last = Date.now();
    stream.write(stream.isTTY ? `\rdeepcode: compiling ${found}\x1b[K` : `deepcode: compiling ${found}\n`);
  };
}

// Runs a command with its output in the log; resolves to {code, output}, the output's last part.
function runLogged(args, env, log, onText) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: paths.projectRoot,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk) => {
      log.write(chunk);
      onText(String(chunk));
      output = (output + chunk).slice(-OUTPUT_KEPT);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}

function cmakeVariables(tools, env) {
  const variables = {
    DEEPCODE_LIBTORCH: paths.buildPaths.libtorch,
    CMAKE_CXX_COMPILER: tools.cxx,
    CMAKE_CXX_COMPILER_LAUNCHER: tools.ccache,
  };
  const extra = (env.DEEPCODE_CMAKE_ARGS ?? '').split(/\s+/).filter((word) => word.startsWith('-D'));
  return [
    ...Object.entries(variables)
      .filter(([, value]) => value)
      .map(([key, value]) => `--CD${key}=${value}`),
    ...extra.map((word) => `--CD${word.slice(2)}`),
  ];
}

/** Compiles what changed into build/cmake, with the linked libtorch. Throws with fixes when it fails. */
export async function compile(tools, env = process.env) {
  mkdirSync(dirname(paths.buildPaths.log), { recursive: true });
  const log = createWriteStream(paths.buildPaths.log);
  const generator = tools.ninja ? 'Ninja' : 'Unix Makefiles';
  const common = [
    '--out',
    paths.buildPaths.tree,
    '--config',
    'Release',
    '-G',
    generator,
    ...cmakeVariables(tools, env),
  ];
  // What ccache must overlook to reuse objects that were compiled with a precompiled header, and where
  // paths begin that differ between two checkouts of the same sources.
  const ccache = {
    CCACHE_SLOPPINESS: 'pch_defines,time_macros',
    CCACHE_BASEDIR: paths.projectRoot,
    CCACHE_NOHASHDIR: '1',
  };
  // cmake-js and CMake find what was fetched as they find what is installed.
  const path = [...tools.fetched.map((file) => dirname(file)), env.PATH].filter(Boolean).join(delimiter);
  const buildEnv = { ...ccache, ...env, PATH: path };
  try {
    for (const step of ['configure', 'build']) {
      const args = [cmakeJs(), step, '--parallel', String(tools.jobs), ...common];
      const { code, output } = await runLogged(args, buildEnv, log, progressReader());
      if (code === 0) continue;
      const { message, fixes } = diagnoseBuild(output, paths.buildPaths.log);
      throw new ToolchainError('ERR_BUILD', message, fixes);
    }
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    log.end();
  }
}

/** Loads `addon` in a child process and returns what it says of itself. Throws with fixes. */
export function checkLoads(addon, libtorch, { timeout = 120_000 } = {}) {
  const child = spawnSync(process.execPath, [LOAD_CHECK, addon, libtorch.lib], { encoding: 'utf8', timeout });
  if (child.status === 0) return JSON.parse(child.stdout);
  const { message, fixes } = diagnoseLoad({ ...child, timedOut: child.error?.code === 'ETIMEDOUT' });
  throw new ToolchainError('ERR_LOAD', message, fixes);
}
