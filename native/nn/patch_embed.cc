#include "nn/patch_embed.h"

#include <ATen/ATen.h>

namespace deepcode {

PatchProjection::PatchProjection(const PatchEmbedOptions& o) {
  weight = register_parameter(
      "weight", at::empty({o.dim, o.in_channels, o.patch_height, o.patch_width}));
  if (o.bias) bias = register_parameter("bias", at::empty({o.dim}));
}

PatchEmbed::PatchEmbed(const PatchEmbedOptions& options) : options_(options) {
  proj = register_module("proj", std::make_shared<PatchProjection>(options));
}

at::Tensor PatchEmbed::Patches(const at::Tensor& image) const {
  const int64_t ph = options_.patch_height, pw = options_.patch_width;
  const int64_t n = image.size(0), c = image.size(1);
  const int64_t grid_h = image.size(2) / ph, grid_w = image.size(3) / pw;
  return image.unflatten(3, {grid_w, pw})
      .unflatten(2, {grid_h, ph})      // [N, C, gh, ph, gw, pw]
      .permute({0, 2, 4, 1, 3, 5})     // [N, gh, gw, C, ph, pw]
      .reshape({n, grid_h * grid_w, c * ph * pw});
}

at::Tensor PatchEmbed::Forward(const at::Tensor& image) const {
  const at::Tensor patches = Patches(image);
  if (packed_ && !at::GradMode::is_enabled()) return packed_->Apply(patches);
  return at::linear(patches, proj->weight.flatten(1), proj->bias);
}

void PatchEmbed::Pack(int64_t rows) {
  packed_ = PackedLinear::Pack(proj->weight.flatten(1), proj->bias, rows);
}

}  // namespace deepcode
