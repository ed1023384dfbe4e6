// What the networks that read an attribute from the picture of a face have in common.
#pragma once

#include <torch/nn/module.h>

#include <string>
#include <utility>
#include <vector>

#include "runtime/cancel.h"

namespace deepcode {

// An attribute's name and its probabilities, [N, classes].
using Attributes = std::vector<std::pair<std::string, at::Tensor>>;

class AttributeNetwork : public torch::nn::Module {
 public:
  // Of the picture, in pixels: height and width, and 3 (RGB) or 1 (grey).
  virtual int64_t image_size() const = 0;
  virtual int64_t image_channels() const = 0;
  // The pixel value, 0 to 1, that the network sees as 0, and how much it counts as 1.
  virtual double pixel_mean() const = 0;
  virtual double pixel_std() const = 0;

  // pixels [N, image_channels, image_size, image_size]. Throws Cancelled between layers.
  virtual Attributes Forward(const at::Tensor& pixels, const CancelToken& cancel) = 0;

  // Lays weights out for inference on `batch` pictures; from then on they must not change.
  virtual void Prepare(int64_t batch) = 0;
};

}  // namespace deepcode
