// Turns a compiler's, linker's or loader's output into what the user can do about it.

const DOCTOR = 'See what was found on this machine: npx deepcode doctor';
const CLEAN = 'Start afresh: rm -rf build, then npm run build:native';

const BUILD_CAUSES = [
  {
    pattern: /signal terminated program cc1plus|Killed|virtual memory exhausted|out of memory/i,
    message: 'The compiler ran out of memory.',
    fixes: [
      'Compile one file at a time: DEEPCODE_JOBS=1 npm run build:native',
      'Close other programs or add swap; a file needs about 1.6 GB.',
    ],
  },
  {
    pattern: /No space left on device|Disk quota exceeded/,
    message: 'The disk is full.',
    fixes: ['Free about 1 GB on the disk that holds this folder, then run the command again.'],
  },
  {
    pattern:
      /unrecognized command[- ]line option .*-std=|CXX_STANDARD is set to invalid|does not know the compile options.*C\+\+20|no C\+\+20/i,
    message: 'The C++ compiler is too old; C++20 is needed (GCC 11 or Clang 14, or newer).',
    fixes: ['Install a newer one and name it: CXX=g++-12 npm run build:native'],
  },
  {
    pattern: /fatal error: (napi|node_api|js_native_api)\.h/,
    message: "Node's headers are missing from node_modules.",
    fixes: ['Install the npm packages: npm ci'],
  },
  {
    pattern: /fatal error: (ATen|c10|torch)\/|No libtorch at/,
    message: 'The headers of libtorch are missing or incomplete.',
    fixes: [
      'If DEEPCODE_LIBTORCH is set, check that include/ATen is there, or unset it.',
      'Remove the cached copy, to have it fetched again: see "cache" in npx deepcode doctor',
    ],
  },
  {
    pattern: /undefined reference to [`'].*(c10|at|torch|caffe2)::|libtorch_cpu\.so|libc10\.so/,
    message: 'The addon could not be linked with this libtorch.',
    fixes: [CLEAN, 'If DEEPCODE_LIBTORCH is set, check that its include/ and lib/ are of one version.'],
  },
  {
    pattern: /Does not match the generator used|CMAKE_MAKE_PROGRAM|different directory than the directory/,
    message: 'The build folder was made with other tools or in another place.',
    fixes: [CLEAN],
  },
];

const LOAD_CAUSES = [
  {
    pattern: /GLIBC(XX)?_[\d.]+' not found|CXXABI_/,
    message: "The addon needs a newer C or C++ library than this system's.",
    fixes: [
      'Rebuild with the compiler of this system: rm -rf build, then npm run build:native',
      'In a conda environment: conda install -c conda-forge libstdcxx-ng',
    ],
  },
  {
    pattern: /undefined symbol/,
    message: 'The addon and the libtorch that was found do not fit together.',
    fixes: [CLEAN, 'If DEEPCODE_LIBTORCH is set, it must be the libtorch that the addon is built with.'],
  },
  {
    pattern: /cannot open shared object file/,
    message: 'A library that libtorch needs is missing.',
    fixes: [
      'A CUDA build from pip needs its nvidia-* packages: python3 -m pip install --upgrade torch',
      'Or use the CPU build: unset DEEPCODE_LIBTORCH',
    ],
  },
  {
    pattern: /static TLS/,
    message: 'Too many libraries with thread-local storage are loaded.',
    fixes: ['Load deepcode before other native packages.'],
  },
  {
    pattern: /SIGILL/,
    message: 'The processor lacks an instruction that the addon was compiled for.',
    fixes: ['Rebuild on this machine, with CXXFLAGS unset.'],
  },
];

// The lines a person would look at first.
function errorLines(output) {
  const lines = output.split('\n').filter((line) => /\berror:|CMake Error/.test(line));
  return lines.slice(0, 3).map((line) => line.trim().slice(0, 200));
}

/** {message, fixes} for the output of a failed build. */
export function diagnoseBuild(output, logFile) {
  const known = BUILD_CAUSES.find(({ pattern }) => pattern.test(output));
  const whole = `The whole output is in ${logFile}`;
  if (known) return { message: known.message, fixes: [...known.fixes, whole] };
  const lines = errorLines(output).map((line) => `The compiler says: ${line}`);
  return { message: 'The addon did not compile.', fixes: [...lines, whole, CLEAN, DOCTOR] };
}

/** {message, fixes} for an addon that a child process could not load. */
export function diagnoseLoad({ stderr = '', signal = null, timedOut = false }) {
  const known = LOAD_CAUSES.find(({ pattern }) => pattern.test(signal ? `${signal}` : stderr));
  if (known) return { message: known.message, fixes: [...known.fixes, DOCTOR] };
  const message = timedOut
    ? 'The new addon hung while it was loaded.'
    : signal
      ? `The new addon crashed while it was loaded (${signal}).`
      : `The new addon did not load: ${stderr.trim().split('\n')[0].slice(0, 200)}`;
  return { message, fixes: [CLEAN, DOCTOR] };
}
