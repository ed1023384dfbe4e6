#include "nn/timestep_embedding.h"

#include <ATen/ATen.h>

#include <cmath>

namespace deepcode {

at::Tensor TimestepSinusoids(const at::Tensor& timesteps, const SinusoidOptions& options) {
  const int64_t half = options.dim / 2;
  const at::Tensor exponents = at::arange(half, timesteps.options().dtype(at::kFloat)) *
                               (-std::log(10000.0)) / (static_cast<double>(half) - options.freq_shift);
  const at::Tensor angles = timesteps.to(at::kFloat).unsqueeze(1) * at::exp(exponents).unsqueeze(0);
  const at::Tensor sines = at::sin(angles), cosines = at::cos(angles);  // [N, half]
  const at::Tensor joint = options.flip_sin_to_cos ? at::cat({cosines, sines}, 1)
                                                   : at::cat({sines, cosines}, 1);
  return options.dim % 2 == 0 ? joint : at::constant_pad_nd(joint, {0, 1});
}

TimestepEmbedding::TimestepEmbedding(const TimestepEmbeddingOptions& o) : activation_(o.activation) {
  linear_1_ = register_module("linear_1", std::make_shared<Linear>(o.in_features, o.dim, true));
  if (o.condition_dim > 0) {
    cond_proj_ = register_module("cond_proj",
                                 std::make_shared<Linear>(o.condition_dim, o.in_features, false));
  }
  linear_2_ = register_module("linear_2", std::make_shared<Linear>(o.dim, o.dim, true));
}

at::Tensor TimestepEmbedding::Forward(const at::Tensor& sinusoids, const at::Tensor& condition) {
  const at::Tensor input =
      condition.defined() ? sinusoids + cond_proj_->Forward(condition) : sinusoids;
  return linear_2_->Forward(Activate(linear_1_->Forward(input), activation_));
}

}  // namespace deepcode
