'use strict';
// Reads what a libtorch folder is from the folder itself, without running anything.

const fs = require('node:fs');
const path = require('node:path');
const { SUPPORTED_MINORS } = require('./pins.cjs');

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function versionFromHeader(include) {
  // Moved from the first to the second file in 2.9; both define the three macros.
  const candidates = ['torch/csrc/api/include/torch/version.h', 'torch/headeronly/version.h'];
  for (const candidate of candidates) {
    const text = readText(path.join(include, candidate));
    const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
      (part) => new RegExp(`#define TORCH_VERSION_${part} (\\d+)`).exec(text)?.[1],
    );
    if (parts.every((part) => part !== undefined)) return parts.join('.');
  }
  return undefined;
}

// "2.13.0+cpu" of a Python package, a C++ archive, or the headers alone.
function readVersion(root) {
  const python = /__version__ = ['"]([^'"]+)['"]/.exec(readText(path.join(root, 'version.py')));
  const archive = readText(path.join(root, 'build-version')).trim();
  return python?.[1] ?? (archive || versionFromHeader(path.join(root, 'include')));
}

function minorOf(version) {
  return /^\d+\.\d+/.exec(version)?.[0] ?? '';
}

function isSupported(version) {
  return SUPPORTED_MINORS.includes(minorOf(version));
}

/**
 * Describes the libtorch in `root` (a folder with lib/ and, to build against it, include/).
 * Returns {root, include, lib, version, cuda, cxx11abi}, or a string that says what is wrong.
 * `include` is undefined where there are no headers; such a libtorch can run but not build.
 */
function inspectLibtorch(root) {
  const absolute = path.resolve(root);
  const lib = path.join(absolute, 'lib');
  for (const name of ['libc10.so', 'libtorch_cpu.so']) {
    if (!fs.existsSync(path.join(lib, name))) return `it has no lib/${name}`;
  }
  const version = readVersion(absolute);
  if (!version) return 'its version cannot be read (no version.py, build-version or version.h)';
  if (!isSupported(version)) {
    return `it is version ${version}; supported are ${SUPPORTED_MINORS.join(', ')}`;
  }
  const include = path.join(absolute, 'include');
  return {
    root: absolute,
    include: fs.existsSync(path.join(include, 'torch', 'csrc')) ? include : undefined,
    lib,
    version,
    cuda: fs.existsSync(path.join(lib, 'libtorch_cuda.so')),
    cxx11abi: true, // every Linux build since 2.7
  };
}

module.exports = { inspectLibtorch, isSupported, minorOf };
