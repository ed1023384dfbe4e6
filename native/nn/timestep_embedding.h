// A diffusion timestep as a vector: sinusoids (Vaswani et al. 2017, section 3.5), then a two-layer
// perceptron (Ho et al. 2020, appendix B). Module names as diffusers' TimestepEmbedding.
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "nn/linear.h"

namespace deepcode {

struct SinusoidOptions {
  int64_t dim;
  bool flip_sin_to_cos;  // the cosines come first
  double freq_shift;     // frequencies are 10000^(-i / (dim / 2 - freq_shift))
};

// timesteps [N] of any number type -> [N, dim], fp32
at::Tensor TimestepSinusoids(const at::Tensor& timesteps, const SinusoidOptions& options);

struct TimestepEmbeddingOptions {
  int64_t in_features;
  int64_t dim;
  int64_t condition_dim;  // width of a further input that is projected onto the sinusoids; 0: none
  Activation activation;
};

class TimestepEmbedding : public torch::nn::Module {
 public:
  explicit TimestepEmbedding(const TimestepEmbeddingOptions& options);

  // sinusoids [N, in_features], condition [N, condition_dim] or undefined -> [N, dim]
  at::Tensor Forward(const at::Tensor& sinusoids, const at::Tensor& condition);

 private:
  const Activation activation_;
  std::shared_ptr<Linear> linear_1_;
  std::shared_ptr<Linear> cond_proj_;  // null without a condition
  std::shared_ptr<Linear> linear_2_;
};

}  // namespace deepcode
