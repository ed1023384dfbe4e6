'use strict';
// What is downloaded when no libtorch is found, and which libtorch versions the sources build
// against. Everything fetched is checked against the size and SHA-256 given here.

const VERSION = '2.13.0';

// A libtorch's C++ ABI moves with every minor version, so a binary fits exactly one of them.
const SUPPORTED_MINORS = ['2.11', '2.12', '2.13', '2.14'];

// The wheel is a zip whose torch/{include,lib,share} is the C++ distribution. The same CPython 3.11
// wheel is asked for whatever Python is installed: only its C++ half is used, and one hash suffices.
const WHEEL = {
  kind: 'wheel',
  requirement: `torch==${VERSION}+cpu`,
  file: `torch-${VERSION}+cpu-cp311-cp311-manylinux_2_28_x86_64.whl`,
  tags: { python: '3.11', implementation: 'cp', abi: 'cp311', platform: 'manylinux_2_28_x86_64' },
  index: 'https://download.pytorch.org/whl/cpu',
  size: 191794682,
  extractedSize: 520e6,
  sha256: '6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b',
  prefix: 'torch/',
};

// For machines without pip: the official C++ archive, which needs nothing but HTTPS.
const ARCHIVE = {
  kind: 'archive',
  file: `libtorch-shared-with-deps-${VERSION}+cpu.zip`,
  url: `https://download.pytorch.org/libtorch/cpu/libtorch-shared-with-deps-${VERSION}%2Bcpu.zip`,
  size: 126385248,
  extractedSize: 520e6,
  sha256: 'edbf4cbed78433d803e90a65f1752e57783d164bce66c95c0872b2ab8f5c159e',
  prefix: 'libtorch/',
};

module.exports = { VERSION, SUPPORTED_MINORS, WHEEL, ARCHIVE };
