#include "nn/batch_norm_2d.h"

#include <ATen/ATen.h>

#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {

BatchNorm2d::BatchNorm2d(const BatchNorm2dOptions& options) : options_(options) {
  weight = register_parameter("weight", at::ones({options.channels}));
  bias = register_parameter("bias", at::zeros({options.channels}));
  running_mean = register_buffer("running_mean", at::zeros({options.channels}));
  running_var = register_buffer("running_var", at::ones({options.channels}));
}

at::Tensor BatchNorm2d::Forward(const at::Tensor& x) const {
  const bool by_batch = is_training() && statistics_ != BatchStatistics::kRunning;
  if (by_batch && x.numel() == x.size(1)) {
    throw Error(ErrorCode::kShape, "One value a channel is too few for batch normalisation: expected "
                                   "more than one image in every batch, or larger ones.");
  }
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

void CheckVariances(const torch::nn::Module& module, const std::string& file) {
  for (const auto& item : module.named_buffers()) {
    if (!item.key().ends_with("running_var") || item.value().ge(0).all().item<bool>()) continue;
    throw Error(ErrorCode::kWeightsFormat, Printable(item.key()) + " in " + Printable(file, 64) +
                                               " has a variance below 0. Export the model again.");
  }
}

}  // namespace deepcode
