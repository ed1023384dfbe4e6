// The dtypes of the safetensors format and what libtorch calls them.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstddef>
#include <string_view>

namespace deepcode {

struct TensorDtype {
  std::string_view name;  // as written in a file: "F32", "BF16", ...
  at::ScalarType type;
  size_t bytes;  // of one element
  int order;     // files hold tensors in falling order of this, then by name
};

// nullptr for a name that the format or libtorch does not know. Case matters.
const TensorDtype* FindDtype(std::string_view name);
// nullptr for a type that the format cannot hold (quantised and sub-byte types).
const TensorDtype* FindDtype(at::ScalarType type);

}  // namespace deepcode
