'use strict';
// Where things are. One place, because the build, the run-time loader and `deepcode doctor` must
// agree on it.

const os = require('node:os');
const path = require('node:path');

const projectRoot = path.resolve(__dirname, '..', '..');

// The first of DEEPCODE_CACHE, $XDG_CACHE_HOME/deepcode and ~/.cache/deepcode that is set.
function cacheDir(env = process.env) {
  if (env.DEEPCODE_CACHE) return path.resolve(env.DEEPCODE_CACHE);
  const base = env.XDG_CACHE_HOME;
  // The XDG specification has relative values ignored.
  if (base && path.isAbsolute(base)) return path.join(base, 'deepcode');
  return path.join(env.HOME || os.homedir(), '.cache', 'deepcode');
}

function libtorchCacheDir(version, env = process.env) {
  return path.join(cacheDir(env), 'libtorch', `${version}-cpu-linux-x64`);
}

// Where a downloaded build tool is kept, "cmake" or "ninja".
function toolCacheDir(name, version, env = process.env) {
  return path.join(cacheDir(env), 'tools', `${name}-${version}-linux-x64`);
}

const releaseDir = path.join(projectRoot, 'build', 'Release');

const buildPaths = {
  tree: path.join(projectRoot, 'build', 'cmake'),
  // A link to the libtorch in use: one that moved, or another of the same version, recompiles nothing.
  libtorch: path.join(projectRoot, 'build', 'libtorch'),
  candidate: path.join(projectRoot, 'build', 'cmake', 'Release', 'deepcode.node'),
  addon: path.join(releaseDir, 'deepcode.node'),
  record: path.join(releaseDir, 'libtorch.json'),
  log: path.join(projectRoot, 'build', 'build.log'),
};

// Prebuilt binaries: one folder per libtorch minor version, because node-gyp-build chooses by
// platform, Node ABI and libc only. Each folder is laid out as prebuildify writes it and as
// node-gyp-build reads it: prebuilds/torch-2.13/prebuilds/linux-x64/deepcode.glibc.node
function prebuildRoot(minor) {
  return path.join(projectRoot, 'prebuilds', `torch-${minor}`);
}

module.exports = { projectRoot, cacheDir, libtorchCacheDir, toolCacheDir, buildPaths, prebuildRoot };
