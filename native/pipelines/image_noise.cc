#include "pipelines/image_noise.h"

#include <ATen/ATen.h>

#include "runtime/random.h"

namespace deepcode {

ImageNoise::ImageNoise(const std::vector<uint64_t>& seeds) {
  for (const uint64_t seed : seeds) generators_.push_back(NewGenerator(at::kCPU, seed));
}

at::Tensor ImageNoise::Draw(at::IntArrayRef shape) {
  std::vector<at::Tensor> images;
  for (at::Generator& generator : generators_) {
    images.push_back(at::randn(shape, generator, at::TensorOptions().dtype(at::kFloat)));
  }
  return at::stack(images);
}

at::Tensor ImageNoise::DrawLike(const at::Tensor& like) {
  return Draw(like.sizes().slice(1)).to(like.options());
}

}  // namespace deepcode
