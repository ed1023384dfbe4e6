// Finds what a native build needs on this machine and how much of it to use.

import { accessSync, constants, readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { ToolchainError } from './report.mjs';

// A translation unit that includes libtorch's headers peaks near this.
const BYTES_PER_JOB = 1.6e9;

export function which(command, env = process.env) {
  const folders = command.includes('/') ? [''] : (env.PATH ?? '').split(delimiter);
  for (const folder of folders) {
    const file = folder ? join(folder, command) : command;
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not here
    }
  }
  return undefined;
}

// MemAvailable counts what the kernel would give up; os.freemem() does not on older Node.
function availableMemory() {
  try {
    return 1024 * Number(/^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))[1]);
  } catch {
    return totalmem() / 2;
  }
}

/** Parallel compile jobs: DEEPCODE_JOBS, else one per core as far as memory goes. */
export function compileJobs(env = process.env) {
  const asked = Number(env.DEEPCODE_JOBS);
  if (Number.isInteger(asked) && asked > 0) return asked;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(availableMemory() / BYTES_PER_JOB)));
}

function installAdvice(packages) {
  return [
    `Debian or Ubuntu: sudo apt-get install ${packages.apt}`,
    `Fedora: sudo dnf install ${packages.dnf}`,
    `Arch: sudo pacman -S ${packages.pacman}`,
  ];
}

function firstLine(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  return result.status === 0 ? result.stdout.split('\n')[0].trim() : '';
}

function requireVersion(found, minimum) {
  const numbers = (text) => text.split('.').map(Number);
  const [major, minor] = numbers(found);
  const [wantMajor, wantMinor] = numbers(minimum);
  return major > wantMajor || (major === wantMajor && minor >= wantMinor);
}

function findCmake(env) {
  const cmake = which('cmake', env);
  const version = cmake && /(\d+\.\d+[.\d]*)/.exec(firstLine(cmake, ['--version']))?.[1];
  if (version && requireVersion(version, '3.18')) return { cmake, cmakeVersion: version };
  const found = version ? `CMake ${version} is too old` : 'CMake was not found';
  throw new ToolchainError('ERR_TOOL_MISSING', `${found}; 3.18 or newer is needed to build the addon.`, [
    ...installAdvice({ apt: 'cmake', dnf: 'cmake', pacman: 'cmake' }),
    'Or without root: python3 -m pip install --user cmake, with ~/.local/bin in PATH',
  ]);
}

function findCompiler(env) {
  const names = env.CXX ? [env.CXX] : ['c++', 'g++', 'clang++'];
  const cxx = names.map((name) => which(name, env)).find(Boolean);
  if (cxx) return { cxx, cxxVersion: firstLine(cxx, ['--version']) };
  throw new ToolchainError(
    'ERR_TOOL_MISSING',
    env.CXX ? `CXX names '${env.CXX}', which cannot be run.` : 'No C++ compiler was found.',
    env.CXX
      ? ['Unset CXX, or set it to a C++20 compiler.']
      : installAdvice({ apt: 'g++ make', dnf: 'gcc-c++ make', pacman: 'base-devel' }),
  );
}

/** {cmake, cmakeVersion, cxx, cxxVersion, ninja?, ccache?, jobs}; throws with advice otherwise. */
export function findTools(env = process.env) {
  const tools = { ...findCompiler(env), ...findCmake(env) };
  const ninja = which('ninja', env);
  if (!ninja && !which('make', env)) {
    throw new ToolchainError(
      'ERR_TOOL_MISSING',
      'Neither ninja nor make was found.',
      installAdvice({ apt: 'make', dnf: 'make', pacman: 'make' }),
    );
  }
  return { ...tools, ninja, ccache: which('ccache', env), jobs: compileJobs(env) };
}
