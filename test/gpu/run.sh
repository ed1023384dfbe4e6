#!/usr/bin/env bash
# Everything that needs a GPU, in one call and without network: builds against a CUDA libtorch, runs test/gpu and the
# parity tests, and measures detect and generate in fp32, bf16 and fp16.
#
#   test/gpu/run.sh NODE TORCH [OUT]
#
# NODE   a node binary, 20.19 or newer
# TORCH  a Python that can import a CUDA build of torch, or the folder of such a libtorch. With a Python, measurements
#        are beside timm, PEFT and diffusers, as far as it has them.
# OUT    folder for logs and figures, made when it is not there (default: gpu-results)
#
# Needs node_modules (npm ci; copied from a machine of the same kind will do), CMake and a C++20 compiler. Once built,
# every part runs, also after one that failed or was over its time; the exit code is 1 when any did.
set -uo pipefail

if [ $# -lt 2 ]; then
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
node=$(realpath "$1")
torch=$(realpath -s "$2")
out=$(realpath -m "${3:-gpu-results}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
mkdir -p "$out"
# Some of the package's scripts start `node`. Tests in test/gpu must not pass for want of a GPU.
export PATH="$(dirname "$node"):$PATH" DEEPCODE_REQUIRE_CUDA=1

python=()
if [ -d "$torch" ]; then
  export DEEPCODE_LIBTORCH="$torch"
else
  export DEEPCODE_PYTHON="$torch" DEEPCODE_REFERENCE_PYTHON="$torch"
  python=(--python "$torch")
fi

failed=()

# part NAME SECONDS COMMAND...
part() {
  local name=$1 limit=$2 start=$SECONDS
  shift 2
  timeout -k 10 "$limit" "$@" >"$out/$name.log" 2>&1
  local status=$?
  [ $status -eq 0 ] || failed+=("$name")
  printf '%-24s exit %3d  %4d s\n' "$name" $status $((SECONDS - start)) | tee -a "$out/summary.txt"
  tail -n 4 "$out/$name.log" | sed 's/^/    /'
}

# From the sources: nothing but the addon has to be built.
deepcode=("$node" --import tsx ts/cli/main.ts)

mocha() { part "$1" "$2" "$node" node_modules/mocha/bin/mocha.js "${@:3}"; }

bench() { # WHAT DTYPE SECONDS [OPTION]...
  part "bench-$1-$2" "$3" "${deepcode[@]}" bench "$1" --device cuda --dtype "$2" --repeats 20 "${python[@]}" "${@:4}"
}

: >"$out/summary.txt"
part build 900 "$node" native/toolchain/build.mjs
[ ${#failed[@]} -eq 0 ] || exit 1
part doctor 60 "${deepcode[@]}" doctor
mocha gpu 300 'test/gpu/**/*.test.ts'
for dtype in fp16 bf16 fp32; do
  bench generate $dtype 240
  # Training is in fp32 or bf16.
  bench detect $dtype 180 --batch-size 64 $([ $dtype = fp16 ] && echo --workload inference)
done
mocha parity 300 'test/parity/**/*.test.ts'

if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}" | tee -a "$out/summary.txt"
  exit 1
fi
echo 'all parts passed' | tee -a "$out/summary.txt"
