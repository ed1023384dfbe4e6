'use strict';
// Finds CMake, ninja and make: those of this system first, then those that an earlier build has
// downloaded. One place, because the build and `deepcode doctor` must agree on it.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { toolCacheDir } = require('./paths.cjs');
const pins = require('./pins.cjs');

const CMAKE_MINIMUM = '3.18';

/** Where the program is in what is downloaded, and how it is pinned. */
const FETCHABLE = {
  cmake: { pin: pins.CMAKE, program: 'bin/cmake' },
  ninja: { pin: pins.NINJA, program: 'ninja' },
};

// Only for these machines are there pins.
const canFetch = ({ platform, arch } = process) => platform === 'linux' && arch === 'x64';

function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The file of `command`, as a shell would find it; undefined where there is none. */
function which(command, env = process.env) {
  if (command.includes('/')) return isProgram(command) ? command : undefined;
  const folders = (env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, command)).find(isProgram);
}

/** The first line of `--version`; undefined where the program cannot be run. */
function versionLine(file, env = process.env) {
  const child = spawnSync(file, ['--version'], { encoding: 'utf8', env, timeout: 10_000 });
  return child.status === 0 ? (child.stdout || child.stderr).split('\n')[0].trim() : undefined;
}

/** {path, version, source} of the first of `commands` that runs. */
function systemTool(commands, env = process.env) {
  for (const command of commands) {
    const file = which(command, env);
    const version = file && versionLine(file, env);
    if (version !== undefined) return { path: file, version, source: 'system' };
  }
  return undefined;
}

/** {path, version, source} of what an earlier build downloaded. */
function cachedTool(name, env = process.env) {
  const { pin, program } = FETCHABLE[name];
  const file = path.join(toolCacheDir(name, pin.version, env), program);
  const version = isProgram(file) ? versionLine(file, env) : undefined;
  return version && { path: file, version, source: 'cache' };
}

function isAtLeast(found, minimum) {
  const [major, minor] = found.split('.').map(Number);
  const [wantMajor, wantMinor] = minimum.split('.').map(Number);
  return major > wantMajor || (major === wantMajor && minor >= wantMinor);
}

/** The number in what a CMake says of itself. */
const cmakeNumber = (version) => /\d+\.\d+[.\d]*/.exec(version)?.[0];

/** {cmake}, the one of this system, or {problem} in words. */
function systemCmake(env = process.env) {
  const cmake = systemTool(['cmake'], env);
  const number = cmake && cmakeNumber(cmake.version);
  if (!number) return { problem: 'CMake was not found' };
  if (!isAtLeast(number, CMAKE_MINIMUM)) return { problem: `CMake ${number} is too old` };
  return { cmake };
}

/** {cmake?, problem?, ninja?, make?} of this system; `problem` says why there is no `cmake`. */
function systemTools(env = process.env) {
  return { ...systemCmake(env), ninja: systemTool(['ninja'], env), make: systemTool(['make'], env) };
}

/** What a build would use without a download: that of the system, else of the cache. */
function installedTools(env = process.env) {
  const { cmake, ninja, make } = systemTools(env);
  return {
    cmake: cmake ?? cachedTool('cmake', env),
    ninja: ninja ?? (make ? undefined : cachedTool('ninja', env)),
    make,
  };
}

module.exports = {
  CMAKE_MINIMUM,
  FETCHABLE,
  canFetch,
  isProgram,
  which,
  versionLine,
  systemTool,
  cmakeNumber,
  systemTools,
  installedTools,
};
