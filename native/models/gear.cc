#include "models/gear.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>

#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr size_t kConvolutions = 6;

void CheckOptions(const GearOptions& o) {
  std::vector<int64_t> sizes = o.channels;
  sizes.insert(sizes.end(), {o.age_hidden, o.gender_hidden, o.race_hidden});
  const bool positive =
      std::all_of(sizes.begin(), sizes.end(), [](int64_t size) { return size > 0; });
  if (o.channels.size() == kConvolutions && positive) return;
  throw Error(ErrorCode::kConfig, "GEAR needs six sizes of convolutions and three of heads.");
}

}  // namespace

Gear::Gear(const GearOptions& options) : options_(options) {
  CheckOptions(options_);
  int64_t in = image_channels();
  for (size_t i = 0; i < kConvolutions; ++i) {
    const int64_t out = options_.channels[i];
    convolutions_.push_back(register_module(
        "conv2d_" + std::to_string(i + 1),
        std::make_shared<Conv2d>(
            Conv2dOptions{in, out, /*kernel=*/3, /*stride=*/1, /*padding=*/0})));
    if (i > 0) norms_.push_back(AddNorm(i, out));
    in = out;
  }
  heads_ = {AddHead("age", "dense_1", options_.age_hidden, 7),
            AddHead("gender", "dense_3", options_.gender_hidden, 2),
            AddHead("race", "dense_2", options_.race_hidden, 5)};
}

Gear::Norm Gear::AddNorm(size_t i, int64_t channels) {
  const auto norm = register_module("batch_normalization_" + std::to_string(i),
                                    std::make_shared<torch::nn::Module>());
  return {norm->register_parameter("weight", at::empty({channels})),
          norm->register_parameter("bias", at::empty({channels}))};
}

Gear::Head Gear::AddHead(const char* name, const char* hidden_name, int64_t hidden,
                         int64_t classes) {
  const auto linear = [](int64_t in, int64_t out) {
    return std::make_shared<Linear>(in, out, /*bias=*/true);
  };
  return {name, register_module(hidden_name, linear(options_.channels.back(), hidden)),
          register_module(std::string(name) + "_output", linear(hidden, classes))};
}

Attributes Gear::Forward(const at::Tensor& pixels, const CancelToken& cancel) {
  at::Tensor x = convolutions_[0]->Forward(pixels).relu_();
  for (size_t i = 1; i < kConvolutions; ++i) {
    cancel.ThrowIfCancelled();
    const auto& [scale, offset] = norms_[i - 1];
    x = convolutions_[i]->Forward(x).relu_();  // [N, C, h, w]
    x = x.mul_(scale.view({-1, 1, 1})).add_(offset.view({-1, 1, 1}));
    x = at::max_pool2d(x, 2, 2);
  }
  x = x.amax({2, 3});
  Attributes attributes;
  for (const auto& [name, hidden, output] : heads_) {
    attributes.emplace_back(name, output->Forward(hidden->Forward(x).relu_()).softmax(1));
  }
  return attributes;
}

void Gear::Prepare(int64_t batch) {
  FeatureSize size{batch, image_size(), image_size()};
  for (size_t i = 0; i < kConvolutions; ++i) {
    convolutions_[i]->Prepare(size);
    size = convolutions_[i]->OutputSize(size);
    if (i > 0) size = {batch, size.height / 2, size.width / 2};
  }
}

}  // namespace deepcode
