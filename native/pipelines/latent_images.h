// Between images and the latents of Stable Diffusion's autoencoder.
//
// Preview: a linear fit of the decoder at one pixel a latent element, with the coefficients that
// Kevin Turner (keturn) published in 2022 in the Hugging Face forum, "Decoding latents to RGB
// without upscaling". It was made for SD 1.x and fits 2.x, whose latent space is the same.
#pragma once

#include <ATen/core/Tensor.h>

namespace deepcode {

class ImageNoise;

// bytes [N, H, W, 3] -> [N, 3, H, W], fp32, -1 to 1
at::Tensor SignedPixels(const at::Tensor& bytes);

// What a decoder gives, [N, 3, H, W] of about -1 to 1 -> bytes [N, H, W, 3] on the CPU. Throws
// ERR_NONFINITE for an image with NaN or Inf.
at::Tensor ToBytes(const at::Tensor& decoded);

// A sample for each image from the normal distribution that the encoder gives. moments
// [1, 2C, h, w]: means, then logarithms of variances -> [N, C, h, w], fp32
at::Tensor SampleLatents(const at::Tensor& moments, ImageNoise& noise);

// A small picture of latents [N, C, h, w]: bytes [N, h, w, 3] on the CPU; undefined unless C is 4.
at::Tensor LatentPreview(const at::Tensor& latents);

}  // namespace deepcode
