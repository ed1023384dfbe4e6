// A fast test for NaN and Inf.
#pragma once

#include <ATen/core/Tensor.h>

namespace deepcode {

// Whether a contiguous CPU tensor holds neither NaN nor Inf. True for integers and booleans. Reads
// every element once and allocates nothing.
bool AllFinite(const at::Tensor& tensor);

}  // namespace deepcode
