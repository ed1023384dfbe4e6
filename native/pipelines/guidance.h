// Classifier-free guidance.
//
// Papers: Ho & Salimans 2022, "Classifier-Free Diffusion Guidance"; Lin et al. 2024, "Common
// Diffusion Noise Schedules and Sample Steps are Flawed", section 3.4 (rescale); Luo et al. 2023,
// "Latent Consistency Models", section 4.2 (the scale as an embedding). Reference: diffusers,
// pipelines/stable_diffusion/pipeline_stable_diffusion.py.
#pragma once

#include <ATen/core/Tensor.h>

namespace deepcode {

// halves [2N, C, h, w]: what the network says without the prompt, then with it -> [N, C, h, w]
at::Tensor Guide(const at::Tensor& halves, double scale, double rescale);

// The embedding of a guidance scale that distilled networks take: [count, dim], fp32.
at::Tensor GuidanceEmbedding(double scale, int64_t count, int64_t dim);

}  // namespace deepcode
