#include "pipelines/deepface_pixels.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace deepcode {
namespace {

// Points between pixel centres, without smoothing where the picture becomes smaller: cv2's.
at::Tensor Resized(const at::Tensor& x, int64_t height, int64_t width) {
  return at::upsample_bilinear2d(x, {height, width}, /*align_corners=*/false);
}

}  // namespace

at::Tensor DeepFacePixels(const FacePicture& picture, int64_t size) {
  const at::Tensor rgb = at::from_blob(const_cast<uint8_t*>(picture.data),
                                       {1, picture.height, picture.width, 3}, at::kByte);
  const double factor = std::min(static_cast<double>(size) / static_cast<double>(picture.height),
                                 static_cast<double>(size) / static_cast<double>(picture.width));
  const auto scaled = [&](int64_t side) {
    return std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(side) * factor));
  };
  const int64_t height = scaled(picture.height), width = scaled(picture.width);
  const at::Tensor bgr = rgb.flip(3).permute({0, 3, 1, 2}).to(at::kFloat).contiguous().div_(255);
  const int64_t left = (size - width) / 2, top = (size - height) / 2;
  return at::constant_pad_nd(Resized(bgr, height, width),
                             {left, size - width - left, top, size - height - top});
}

at::Tensor DeepFaceGrey(const at::Tensor& pixels, int64_t size) {
  const at::Tensor shares = at::tensor({0.114, 0.587, 0.299}, at::kFloat).view({1, 3, 1, 1});
  return Resized((pixels * shares).sum(1, /*keepdim=*/true), size, size);
}

}  // namespace deepcode
