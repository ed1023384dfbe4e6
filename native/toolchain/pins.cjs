'use strict';
// What is downloaded when no libtorch, CMake or ninja is found, and which libtorch versions the sources
// build against. Everything fetched is checked against the size and SHA-256 given here.

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

// CMake and ninja as PyPI has them: programs for any Linux x64 with glibc 2.17, and not a line of Python
// that is used. pip still wants to know for which one; it need not be installed.
const ANY_PYTHON = { python: '3.11', implementation: 'py', abi: 'none', platform: 'manylinux2014_x86_64' };
const PYPI = 'https://files.pythonhosted.org/packages';

const CMAKE = {
  kind: 'wheel',
  version: '4.4.3',
  requirement: 'cmake==4.4.3',
  file: 'cmake-4.4.3-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
  tags: ANY_PYTHON,
  url: `${PYPI}/0b/d0/18fe62f0bddc8b9bb71ba55762ee48a224f8344101c34350d969f6e0d327/cmake-4.4.3-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl`,
  size: 30231983,
  extractedSize: 40e6,
  sha256: 'bae3c4954623ec4d62e62c70443f0da7988b733111c2871fcc6a31ead5137e20',
  prefix: 'cmake/data/',
};

const NINJA = {
  kind: 'wheel',
  version: '1.13.2',
  requirement: 'ninja==1.13.2',
  file: 'ninja-1.13.2-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
  tags: ANY_PYTHON,
  url: `${PYPI}/6e/53/ebfed7b689c338dd8ebeec9c0730c8d56821292f14e2536e5f3ef1a05744/ninja-1.13.2-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl`,
  size: 183365,
  extractedSize: 1e6,
  sha256: '65a24341b5ac09fcadcc37082660be40a94174e51a937fabf6e2cae26225fa2c',
  prefix: 'ninja-1.13.2.data/scripts/',
};

module.exports = { VERSION, SUPPORTED_MINORS, WHEEL, ARCHIVE, CMAKE, NINJA };
