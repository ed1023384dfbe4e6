#include "nn/activation.h"

#include <ATen/ATen.h>

#include <array>
#include <utility>

#include "runtime/error.h"

namespace deepcode {

Activation ParseActivation(const std::string& name) {
  static constexpr std::array<std::pair<const char*, Activation>, 5> kNames = {{
      {"gelu", Activation::kGelu},
      {"gelu_tanh", Activation::kGeluTanh},
      {"quick_gelu", Activation::kQuickGelu},
      {"relu", Activation::kRelu},
      {"silu", Activation::kSilu},
  }};
  for (const auto& [known, activation] : kNames) {
    if (name == known) return activation;
  }
  throw Error(ErrorCode::kConfig,
              "Expected gelu, gelu_tanh, quick_gelu, relu or silu for act but received '" + name + "'.");
}

at::Tensor Activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    case Activation::kQuickGelu:
      return x * at::sigmoid(1.702 * x);
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kSilu:
      return at::silu(x);
  }
  throw Error(ErrorCode::kInternal, "Unknown activation.");
}

}  // namespace deepcode
