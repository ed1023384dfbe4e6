#include "nn/mlp.h"

namespace deepcode {

Mlp::Mlp(const MlpOptions& options) : activation_(options.activation) {
  fc1 = register_module("fc1",
                        std::make_shared<LoraLinear>(options.dim, options.hidden, options.bias));
  if (options.scale_norm) {
    norm_ = register_module("norm", std::make_shared<LayerNorm>(options.hidden, options.norm_eps));
  }
  fc2 = register_module("fc2",
                        std::make_shared<LoraLinear>(options.hidden, options.dim, options.bias));
}

at::Tensor Mlp::Forward(const at::Tensor& x) { return fc2->Forward(Hidden(x)); }

at::Tensor Mlp::ForwardAdded(const at::Tensor& x, const at::Tensor& residual) {
  return fc2->ForwardAdded(Hidden(x), residual);
}

at::Tensor Mlp::Hidden(const at::Tensor& x) {
  const at::Tensor hidden = fc1->ForwardActivated(x, activation_);
  return norm_ ? norm_->Forward(hidden) : hidden;
}

}  // namespace deepcode
