// Explicit random generators: nothing in this package draws from libtorch's global one.
#pragma once

#include <ATen/core/Generator.h>
#include <c10/core/Device.h>

namespace deepcode {

// A generator of its own on `device`. On a CPU its stream is that of torch.Generator("cpu").
at::Generator NewGenerator(c10::Device device, uint64_t seed);

}  // namespace deepcode
