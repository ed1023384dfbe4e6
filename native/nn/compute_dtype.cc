#include "nn/compute_dtype.h"

#include <ATen/ATen.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace deepcode {
namespace {

// AVX512_BF16: CPUID leaf 7, subleaf 1, EAX bit 5. Processors with AMX have it too.
bool CpuHasBf16() {
#if defined(__x86_64__)
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & (1u << 5)) != 0;
#else
  return false;
#endif
}

}  // namespace

at::ScalarType ComputeDtype(at::Device device, at::ScalarType requested) {
  if (!device.is_cpu()) return requested;
  return requested == at::kBFloat16 && CpuHasBf16() ? at::kBFloat16 : at::kFloat;
}

at::Tensor ToCompute(const at::Tensor& tensor, at::Device device, at::ScalarType requested) {
  return tensor.to(requested).to(device, ComputeDtype(device, requested));
}

}  // namespace deepcode
