#include "nn/lora_linear.h"

#include <ATen/ATen.h>

#include "nn/dropout.h"
#include "nn/init.h"
#include "runtime/error.h"

namespace deepcode {

at::Tensor LoraLinear::Forward(const at::Tensor& x) {
  const at::Tensor base = Linear::Forward(x);
  return has_adapter() ? base + AdapterOutput(x) : base;
}

at::Tensor LoraLinear::AdapterOutput(const at::Tensor& x) {
  const at::Tensor input = is_training() ? Dropout(x, options_.dropout, generator_) : x;
  return lora_b_->Forward(lora_a_->Forward(input)) * options_.scale;
}

void LoraLinear::AttachAdapter(const LoraOptions& options, const at::Generator& generator) {
  if (has_adapter()) {
    throw Error(ErrorCode::kConfig, "The layer already carries an adapter. Merge it first.");
  }
  options_ = options;
  lora_a_ = register_module("lora_A", std::make_shared<Linear>(in_features(), options.rank, false));
  lora_b_ = register_module("lora_B", std::make_shared<Linear>(options.rank, out_features(), false));
  FanInUniform(lora_a_->weight, in_features(), generator);
  at::NoGradGuard no_grad;
  lora_b_->weight.zero_();
}

at::Tensor LoraLinear::MergedWeight() const {
  at::NoGradGuard no_grad;
  if (!has_adapter()) return weight;
  const at::Tensor delta = at::mm(lora_b_->weight.to(at::kFloat), lora_a_->weight.to(at::kFloat));
  return weight.to(at::kFloat).add(delta, options_.scale).to(weight.scalar_type());
}

void LoraLinear::Merge() {
  if (!has_adapter()) return;
  weight.set_data(MergedWeight());
  unregister_module("lora_A");
  unregister_module("lora_B");
  lora_a_ = lora_b_ = nullptr;
}

}  // namespace deepcode
