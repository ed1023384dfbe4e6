// In which dtype a processor should compute when asked for a reduced one.
#pragma once

#include <ATen/core/Tensor.h>

namespace deepcode {

// `requested`, unless the device is a CPU without instructions for it: such a CPU emulates bf16 and
// fp16 several times slower than it computes fp32. The weights are then rounded to `requested` and
// held in fp32, which is faster and no less exact.
at::ScalarType ComputeDtype(at::Device device, at::ScalarType requested);

// `tensor` rounded to `requested` and stored in ComputeDtype's dtype on the device.
at::Tensor ToCompute(const at::Tensor& tensor, at::Device device, at::ScalarType requested);

}  // namespace deepcode
