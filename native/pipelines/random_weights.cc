#include "pipelines/random_weights.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <cmath>
#include <utility>
#include <vector>

#include "io/safetensors_writer.h"
#include "models/autoencoder_kl.h"
#include "models/unet.h"
#include "models/vgg19.h"
#include "runtime/random.h"

namespace deepcode {
namespace {

// Of biases, and of what norms add to 1 or multiply with.
constexpr double kSmall = 0.02;

// Weights keep the variance of what passes through them.
at::Tensor RandomValues(const std::string& name, at::IntArrayRef shape,
                        const at::Generator& generator) {
  const at::Tensor values = at::randn(shape, generator, at::TensorOptions().dtype(at::kFloat));
  if (shape.size() > 1) {
    const double fan_in = static_cast<double>(values.numel()) / static_cast<double>(shape[0]);
    return values / std::sqrt(fan_in);
  }
  return values * kSmall + (name.ends_with(".weight") ? 1.0 : 0.0);
}

void WriteRandom(const torch::nn::Module& module, const std::string& path, uint64_t seed,
                 const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  const at::Generator generator = NewGenerator(at::kCPU, seed);
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& parameter : module.named_parameters()) {
    cancel.ThrowIfCancelled();
    const at::Tensor values = RandomValues(parameter.key(), parameter.value().sizes(), generator);
    tensors.emplace_back(parameter.key(), values.to(at::kHalf));
  }
  WriteSafetensors(path, tensors, {});
}

}  // namespace

void WriteRandomUnet(const UnetOptions& options, const std::string& path, uint64_t seed,
                     const CancelToken& cancel) {
  WriteRandom(Unet(options), path, seed, cancel);
}

void WriteRandomAutoencoderKl(const AutoencoderKlOptions& options, const std::string& path,
                              uint64_t seed, const CancelToken& cancel) {
  WriteRandom(AutoencoderKl(options), path, seed, cancel);
}

void WriteRandomVgg19(const std::string& path, uint64_t seed, const CancelToken& cancel) {
  WriteRandom(Vgg19({.layers = {"conv5_4"}, .after_relu = true}), path, seed, cancel);
}

}  // namespace deepcode
