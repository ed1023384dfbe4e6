#include "nn/batch_norm_2d.h"

#include <ATen/ATen.h>

namespace deepcode {

BatchNorm2d::BatchNorm2d(const BatchNorm2dOptions& options) : options_(options) {
  weight = register_parameter("weight", at::ones({options.channels}));
  bias = register_parameter("bias", at::zeros({options.channels}));
  running_mean = register_buffer("running_mean", at::zeros({options.channels}));
  running_var = register_buffer("running_var", at::ones({options.channels}));
}

at::Tensor BatchNorm2d::Forward(const at::Tensor& x) const {
  const bool by_batch = is_training() && statistics_ != BatchStatistics::kRunning;
  const bool kept = by_batch && statistics_ == BatchStatistics::kKeep;
  return at::batch_norm(x, weight, bias, kept ? at::Tensor() : running_mean,
                        kept ? at::Tensor() : running_var, by_batch, options_.momentum,
                        options_.eps, /*cudnn_enabled=*/true);
}

at::Tensor BatchNorm2d::Scale() const { return weight / (running_var + options_.eps).sqrt(); }

at::Tensor BatchNorm2d::Shift() const { return bias - running_mean * Scale(); }

void SetBatchStatistics(torch::nn::Module& module, BatchStatistics statistics) {
  for (const auto& child : module.modules(/*include_self=*/false)) {
    if (auto* norm = child->as<BatchNorm2d>()) norm->SetStatistics(statistics);
  }
}

}  // namespace deepcode
