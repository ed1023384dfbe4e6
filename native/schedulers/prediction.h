// What the network's output says about the image and about the noise.
//
// Papers: Ho et al. 2020, "Denoising Diffusion Probabilistic Models" (epsilon); Salimans and Ho
// 2022, "Progressive Distillation for Fast Sampling of Diffusion Models" (v, appendix D); Saharia
// et al. 2022, "Photorealistic Text-to-Image Diffusion Models with Deep Language Understanding"
// (dynamic thresholding, section 2.3).
//
//   x = alpha x_0 + sigma noise
//   epsilon     the output is the noise
//   v           the output is alpha noise - sigma x_0, where alpha^2 + sigma^2 = 1
//   sample      the output is x_0
#pragma once

#include <ATen/core/Tensor.h>

#include "schedulers/scheduler_config.h"

namespace deepcode {

// How much of the image and of the noise is in x.
struct Mixture {
  float alpha;
  float sigma;
};

// x_0 from x and the network's output. Throws ERR_CONFIG for epsilon where alpha is 0.
at::Tensor PredictedOriginal(PredictionType type, const at::Tensor& sample,
                             const at::Tensor& output, const Mixture& mixture);

// The noise from x and the network's output.
at::Tensor PredictedNoise(PredictionType type, const at::Tensor& sample, const at::Tensor& output,
                          const Mixture& mixture);

// x_0 thresholded or clipped as the config says. original [N, ...]
at::Tensor ClipOriginal(const SchedulerConfig& config, const at::Tensor& original);

// Only the first half of ClipOriginal: for the samplers that know no clip_sample.
at::Tensor ThresholdOriginal(const SchedulerConfig& config, const at::Tensor& original);

}  // namespace deepcode
