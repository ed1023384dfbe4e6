#include "models/vit_options.h"

#include <string>

#include "runtime/error.h"

namespace deepcode {
namespace {

void Require(bool holds, const std::string& rule) {
  if (!holds) throw Error(ErrorCode::kConfig, "The ViT configuration needs " + rule + ".");
}

// The feature map that the stem leaves of a side of `pixels`; 0 where a kernel does not fit.
int64_t StemSide(const VitOptions& o, int64_t pixels) {
  for (const ConvStemLayer& layer : o.stem) {
    const int64_t padded = pixels + 2 * layer.padding;
    if (padded < layer.kernel) return 0;
    pixels = (padded - layer.kernel) / layer.stride + 1;
  }
  return pixels;
}

void CheckStem(const VitOptions& o) {
  if (o.stem.empty()) return;
  for (const ConvStemLayer& layer : o.stem) {
    Require(layer.channels >= 1 && layer.kernel >= 1 && layer.stride >= 1 && layer.padding >= 0,
            "a stem of positive channels, kernels and strides");
  }
  Require(o.stem.back().channels == o.embed_dim, "a stem that ends with embed_dim channels");
  Require(StemSide(o, o.image_height) == o.grid_height() && StemSide(o, o.image_width) == o.grid_width(),
          "a stem that leaves one token for each stride of the image");
  Require(!o.pre_norm, "no pre_norm with a stem");
}

void CheckSizes(const VitOptions& o) {
  Require(o.patch_height >= 1 && o.patch_width >= 1, "a patch size of at least 1 pixel");
  Require(o.image_height >= o.patch_height && o.image_width >= o.patch_width,
          "an image at least as large as a patch");
  Require(o.image_height % o.patch_height == 0 && o.image_width % o.patch_width == 0,
          "an image size that is a multiple of the patch size");
  Require(o.in_channels >= 1 && o.num_classes >= 1, "at least 1 channel and 1 class");
  Require(o.depth >= 1 && o.num_heads >= 1 && o.embed_dim >= 1, "positive depth, width and heads");
  Require(o.embed_dim % o.num_heads == 0, "an embed_dim that is a multiple of num_heads");
  Require(static_cast<int64_t>(o.embed_dim * o.mlp_ratio) >= 1, "a positive mlp_ratio");
  Require(o.reg_tokens >= 0 && o.representation_size >= 0, "counts of at least 0");
  Require(o.norm_eps > 0, "a positive norm_eps");
}

}  // namespace

void CheckVitOptions(const VitOptions& o) {
  CheckSizes(o);
  CheckStem(o);
  Require(o.class_token || o.global_pool != Pool::kToken, "a class token for token pooling");
  Require(!o.distilled || (o.class_token && o.reg_tokens == 0 && o.global_pool == Pool::kToken),
          "a class token, token pooling and no register tokens with a distillation token");
}

}  // namespace deepcode
