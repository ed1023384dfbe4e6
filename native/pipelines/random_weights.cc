#include "pipelines/random_weights.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "io/key_map.h"
#include "io/safetensors_writer.h"
#include "models/autoencoder_kl.h"
#include "models/unet.h"
#include "models/vgg19.h"
#include "models/vision_encoder_decoder.h"
#include "models/xception.h"
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
  const bool around_one = name.ends_with(".weight") || name.ends_with(".running_var");
  return values * kSmall + (around_one ? 1.0 : 0.0);
}

// The keys that a parameter has in the file: several for one that is stored in parts.
using KeysOf = std::function<std::vector<std::string>(const std::string& name)>;

std::vector<std::string> SameKey(const std::string& name) { return {name}; }

void WriteRandom(const torch::nn::Module& module, const KeysOf& keys_of, const std::string& path,
                 uint64_t seed, const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  const at::Generator generator = NewGenerator(at::kCPU, seed);
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  const auto add = [&](const std::string& name, const at::Tensor& tensor) {
    cancel.ThrowIfCancelled();
    const std::vector<std::string> keys = keys_of(name);
    if (keys.empty()) return;
    const at::Tensor values = RandomValues(name, tensor.sizes(), generator).to(at::kHalf);
    const std::vector<at::Tensor> parts = values.chunk(static_cast<int64_t>(keys.size()));
    for (size_t i = 0; i < keys.size(); ++i) tensors.emplace_back(keys[i], parts[i]);
  };
  for (const auto& item : module.named_parameters()) add(item.key(), item.value());
  for (const auto& item : module.named_buffers()) add(item.key(), item.value());
  WriteSafetensors(path, tensors, {});
}

// transformers' encoder has no head.
std::vector<std::string> CaptionerKeys(const std::string& name) {
  const std::string prefix = "encoder.";
  if (name.starts_with("encoder.head.")) return {};
  if (!name.starts_with(prefix)) return {name};
  return HfVitNames(name.substr(prefix.size()), prefix).value_or(std::vector<std::string>());
}

}  // namespace

void WriteRandomUnet(const UnetOptions& options, const std::string& path, uint64_t seed,
                     const CancelToken& cancel) {
  WriteRandom(Unet(options), SameKey, path, seed, cancel);
}

void WriteRandomAutoencoderKl(const AutoencoderKlOptions& options, const std::string& path,
                              uint64_t seed, const CancelToken& cancel) {
  WriteRandom(AutoencoderKl(options), SameKey, path, seed, cancel);
}

void WriteRandomCaptioner(const CaptionNetworks& networks, const std::string& path, uint64_t seed,
                          const CancelToken& cancel) {
  const VisionEncoderDecoder model(networks.encoder, networks.decoder);
  WriteRandom(model, CaptionerKeys, path, seed, cancel);
}

void WriteRandomVgg19(const std::string& path, uint64_t seed, const CancelToken& cancel) {
  WriteRandom(Vgg19({.layers = {"conv5_4"}, .after_relu = true}), SameKey, path, seed, cancel);
}

void WriteRandomXception(const XceptionOptions& options, const std::string& path, uint64_t seed,
                         const CancelToken& cancel) {
  WriteRandom(Xception(options), SameKey, path, seed, cancel);
}

}  // namespace deepcode
