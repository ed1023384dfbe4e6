// Finds, or fetches, what a native build needs on this machine, and how much of it to use.

import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { fetchTool } from './fetch-tools.mjs';
import find from './find-tools.cjs';
import { log, ToolchainError } from './report.mjs';

// A translation unit that includes libtorch's headers peaks near this.
const BYTES_PER_JOB = 1.6e9;

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

const CMAKE_ADVICE = [
  ...installAdvice({ apt: 'cmake', dnf: 'cmake', pacman: 'cmake' }),
  'Or without root: python3 -m pip install --user cmake, with ~/.local/bin in PATH',
];
const MAKE_ADVICE = installAdvice({ apt: 'make', dnf: 'make', pacman: 'make' });

function findCompiler(env) {
  const names = env.CXX ? [env.CXX] : ['c++', 'g++', 'clang++'];
  const cxx = names.map((name) => find.which(name, env)).find(Boolean);
  if (cxx) return { cxx, cxxVersion: find.versionLine(cxx) ?? '' };
  throw new ToolchainError(
    'ERR_TOOL_MISSING',
    env.CXX ? `CXX names '${env.CXX}', which cannot be run.` : 'No C++ compiler was found.',
    env.CXX
      ? ['Unset CXX, or set it to a C++20 compiler.']
      : installAdvice({ apt: 'g++ make', dnf: 'gcc-c++ make', pacman: 'base-devel' }),
  );
}

/**
 * What a build uses: {cxx, cxxVersion, cmake, cmakeVersion, ninja?, ccache?, jobs, fetched}, where
 * `fetched` are the programs that are not of this system. A missing CMake is fetched, and ninja where
 * there is no make either; a missing compiler is an error with advice, and so is what cannot be had.
 */
export async function obtainTools({ env = process.env, machine = process, fetch = fetchTool } = {}) {
  const compiler = findCompiler(env);
  const { cmake, problem, ninja, make } = find.systemTools(env);
  const fetched = [];
  const obtain = async (name, lacking, need, instead) => {
    if (!find.canFetch(machine)) throw new ToolchainError('ERR_TOOL_MISSING', `${lacking}${need}`, instead);
    log(`${lacking}: ${name} ${find.FETCHABLE[name].pin.version} of the cache is used, downloaded if need be`);
    const path = await fetch(name, { env, instead });
    fetched.push(path);
    return { path, version: find.FETCHABLE[name].pin.version };
  };
  const needed = `; ${find.CMAKE_MINIMUM} or newer is needed to build the addon.`;
  const chosen = cmake ?? (await obtain('cmake', problem, needed, CMAKE_ADVICE));
  const lacking = 'Neither ninja nor make was found';
  const runner = ninja ?? (make ? undefined : await obtain('ninja', lacking, '.', MAKE_ADVICE));
  return {
    ...compiler,
    cmake: chosen.path,
    cmakeVersion: find.cmakeNumber(chosen.version),
    ninja: runner?.path,
    ccache: find.which('ccache', env),
    jobs: compileJobs(env),
    fetched,
  };
}
