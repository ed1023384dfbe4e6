#include "nn/lora_linear.h"

#include <ATen/ATen.h>

#include <vector>

#include "nn/dropout.h"
#include "nn/init.h"
#include "runtime/error.h"

namespace deepcode {

at::Tensor LoraLinear::Forward(const at::Tensor& x) {
  if (!has_adapter()) return Linear::Forward(x);
  const at::Tensor rows = x.flatten(0, -2);
  const at::Tensor sum = AddAdapter(Linear::Forward(rows), rows);
  std::vector<int64_t> shape = x.sizes().vec();
  shape.back() = out_features();
  return sum.view(shape);
}

// One product that adds to `base` in place; under autocast the dtypes differ, and a new tensor is made.
at::Tensor LoraLinear::AddAdapter(at::Tensor base, const at::Tensor& rows) {
  const at::Tensor input = is_training() ? Dropout(rows, options_.dropout, generator_) : rows;
  const at::Tensor low = lora_a_->Forward(input), b = lora_b_->weight.t();
  if (base.scalar_type() == b.scalar_type()) return base.addmm_(low, b, 1, options_.scale);
  return at::addmm(base, low, b, 1, options_.scale);
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
