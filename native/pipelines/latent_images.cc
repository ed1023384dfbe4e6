#include "pipelines/latent_images.h"

#include <ATen/ATen.h>

#include "pipelines/image_noise.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

// Bounds of the logarithm of a variance, so that its exponential stays finite.
constexpr double kMinLogVariance = -30;
constexpr double kMaxLogVariance = 20;

// [-1, 1] -> 0 to 255, on the CPU
at::Tensor Quantized(const at::Tensor& pixels) {
  return pixels.mul(0.5).add_(0.5).clamp_(0, 1).mul_(255).round_().to(at::kByte).to(at::kCPU);
}

}  // namespace

at::Tensor SignedPixels(const at::Tensor& bytes) {
  return bytes.to(at::kFloat).div_(255).mul_(2).sub_(1).permute({0, 3, 1, 2}).contiguous();
}

at::Tensor ToBytes(const at::Tensor& decoded) {
  const at::Tensor pixels = decoded.to(at::kFloat);
  if (!at::isfinite(pixels).all().item<bool>()) {
    throw Error(ErrorCode::kNonfinite,
                "The decoded image has NaN or infinite values. Try dtype bf16 or fp32.");
  }
  return Quantized(pixels.permute({0, 2, 3, 1})).contiguous();
}

at::Tensor SampleLatents(const at::Tensor& moments, ImageNoise& noise) {
  const std::vector<at::Tensor> parts = moments.to(at::kFloat).chunk(2, 1);
  const at::Tensor deviation =
      parts[1].clamp(kMinLogVariance, kMaxLogVariance).mul_(0.5).exp_();  // [1, C, h, w]
  return parts[0] + deviation * noise.Draw(parts[0].sizes().slice(1)).to(moments.device());
}

at::Tensor LatentPreview(const at::Tensor& latents) {
  if (latents.size(1) != 4) return {};
  const at::Tensor to_rgb = at::tensor({0.298, 0.207, 0.208,     //
                                        0.187, 0.286, 0.173,     //
                                        -0.158, 0.189, 0.264,    //
                                        -0.184, -0.271, -0.473},  //
                                       at::kFloat)
                                .view({4, 3})
                                .to(latents.device());
  const at::Tensor rgb = at::matmul(latents.to(at::kFloat).permute({0, 2, 3, 1}), to_rgb);
  return Quantized(rgb).contiguous();
}

}  // namespace deepcode
