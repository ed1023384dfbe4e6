#include "nn/feed_forward.h"

#include <ATen/ATen.h>

#include <vector>

#include "nn/packed_operator.h"

namespace deepcode {
namespace {

constexpr int64_t kExpansion = 4;

std::shared_ptr<Linear> Rows(const Linear& layer, int64_t start, int64_t count) {
  auto part = std::make_shared<Linear>(layer.in_features(), 0, true);
  part->weight.set_requires_grad(false).set_data(layer.weight.narrow(0, start, count));
  part->bias.set_requires_grad(false).set_data(layer.bias.narrow(0, start, count));
  return part;
}

}  // namespace

FeedForward::FeedForward(int64_t dim) {
  const auto net = register_module("net", std::make_shared<torch::nn::Module>());
  const auto gated = net->register_module("0", std::make_shared<torch::nn::Module>());
  proj_ = gated->register_module("proj", std::make_shared<Linear>(dim, 2 * kExpansion * dim, true));
  out_ = net->register_module("2", std::make_shared<Linear>(kExpansion * dim, dim, true));
}

at::Tensor FeedForward::ForwardAdded(const at::Tensor& x, const at::Tensor& residual) {
  return out_->ForwardAdded(Hidden(x), residual);
}

at::Tensor FeedForward::Hidden(const at::Tensor& x) {
  if (value_) return value_->ForwardMultiplied(x, gate_->ForwardActivated(x, Activation::kGelu));
  const std::vector<at::Tensor> parts = proj_->Forward(x).chunk(2, -1);
  return parts[0] * at::gelu(parts[1]);
}

void FeedForward::Prepare(int64_t rows) {
  out_->PackOnly(rows);
  if (!HasPackedKernels(proj_->weight)) return;
  const int64_t half = proj_->weight.size(0) / 2;
  value_ = Rows(*proj_, 0, half);
  gate_ = Rows(*proj_, half, half);
  value_->PackOnly(rows);
  gate_->PackOnly(rows);
  proj_->weight.set_data(at::empty({0}, proj_->weight.options()));
}

}  // namespace deepcode
