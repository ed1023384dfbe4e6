// Random numbers of a batch of images: each image has a generator of its own, on the CPU, so that
// it comes out the same alone or in a batch, and on every device.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <vector>

namespace deepcode {

class ImageNoise {
 public:
  explicit ImageNoise(const std::vector<uint64_t>& seeds);

  // Standard normal values, [N, ...shape], fp32, CPU: image k's are the next ones of seeds[k].
  at::Tensor Draw(at::IntArrayRef shape);

  // Values for `like` [N, ...], in its dtype and on its device.
  at::Tensor DrawLike(const at::Tensor& like);

 private:
  std::vector<at::Generator> generators_;
};

}  // namespace deepcode
