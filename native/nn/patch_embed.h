// Cuts an image into patches and projects each one linearly (Dosovitskiy et al. 2021, equation 1).
// The weight has the shape of the equivalent strided convolution, as in timm's checkpoints
// ("proj.weight"); the product is a matrix multiplication, which is what such a convolution is.
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "nn/packed_linear.h"

namespace deepcode {

struct PatchEmbedOptions {
  int64_t patch_height;  // pixels
  int64_t patch_width;   // pixels
  int64_t in_channels;
  int64_t dim;
  bool bias;
};

// The projection's parameters, under the names of a convolution.
class PatchProjection : public torch::nn::Module {
 public:
  explicit PatchProjection(const PatchEmbedOptions& options);
  at::Tensor weight;  // [dim, channels, patch height, patch width]
  at::Tensor bias;    // [dim], undefined without bias
};

class PatchEmbed : public torch::nn::Module {
 public:
  explicit PatchEmbed(const PatchEmbedOptions& options);

  // image [N, C, H, W], any strides, H and W multiples of the patch -> [N, (H/ph) * (W/pw), dim]
  at::Tensor Forward(const at::Tensor& image) const;

  // image as above -> its patches, flattened channel by channel: [N, (H/ph) * (W/pw), C * ph * pw]
  at::Tensor Patches(const at::Tensor& image) const;

  // As Linear::Pack.
  void Pack(int64_t rows);

  std::shared_ptr<PatchProjection> proj;

 private:
  const PatchEmbedOptions options_;
  std::optional<PackedLinear> packed_;
};

}  // namespace deepcode
