#include "nn/module_weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "io/key_map.h"
#include "io/printable.h"
#include "nn/compute_dtype.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

struct Slot {
  std::string key;
  at::Tensor tensor;
};

std::vector<Slot> SlotsOf(const torch::nn::Module& module, const ModuleWeightsOptions& options) {
  std::vector<Slot> slots;
  const auto add = [&](const std::string& name, const at::Tensor& tensor) {
    slots.push_back({options.prefix + (options.key ? options.key(name) : name), tensor});
  };
  for (const auto& item : module.named_parameters()) add(item.key(), item.value());
  for (const auto& item : module.named_buffers()) add(item.key(), item.value());
  return slots;
}

bool Matches(const std::string& key, const std::string& pattern) {
  return pattern.ends_with('.') ? key.starts_with(pattern) : key == pattern;
}

std::vector<std::string> KeysOf(const MappedWeights& weights, const ModuleWeightsOptions& options) {
  std::vector<std::string> keys = weights.Names();
  std::erase_if(keys, [&](const std::string& key) {
    return !key.starts_with(options.prefix) ||
           std::any_of(options.ignored.begin(), options.ignored.end(),
                       [&](const std::string& pattern) { return Matches(key, pattern); });
  });
  return keys;
}

at::IntArrayRef WithoutUnitKernel(at::IntArrayRef shape) {
  return shape.size() == 4 && shape[2] == 1 && shape[3] == 1 ? shape.slice(0, 2) : shape;
}

// A convolution whose kernel is as large as its input is a linear layer.
bool CoversInput(at::IntArrayRef conv, at::IntArrayRef linear) {
  return conv.size() == 4 && linear.size() == 2 && conv[0] == linear[0] &&
         conv[1] * conv[2] * conv[3] == linear[1];
}

at::Tensor Fit(const at::Tensor& stored, const Slot& slot, const MappedWeights& weights) {
  const at::IntArrayRef expected = slot.tensor.sizes();
  if (stored.sizes() == expected) return stored;
  if (WithoutUnitKernel(stored.sizes()) == WithoutUnitKernel(expected)) return stored.view(expected);
  if (CoversInput(stored.sizes(), expected)) return stored.flatten(1);
  std::ostringstream message;
  message << "Expected " << expected << " for " << Printable(slot.key) << " but received "
          << stored.sizes() << " in " << Printable(weights.file(), 64)
          << ". Check the model's config.json.";
  throw Error(ErrorCode::kWeightsShape, message.str());
}

// What is not a floating-point buffer (position ids) keeps its type.
at::Tensor Load(const Slot& slot, const MappedWeights& weights, const ModuleWeightsOptions& options) {
  if (!slot.tensor.is_floating_point()) {
    return Fit(weights.View(slot.key), slot, weights).to(options.device, slot.tensor.scalar_type());
  }
  const at::Tensor stored = Fit(weights.LoadFinite(slot.key, options.dtype), slot, weights);
  return ToCompute(stored, options.device, options.dtype);
}

}  // namespace

void LoadModuleWeights(torch::nn::Module& module, const MappedWeights& weights,
                       const ModuleWeightsOptions& options, const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  const std::vector<Slot> slots = SlotsOf(module, options);
  std::vector<std::string> expected;
  for (const Slot& slot : slots) expected.push_back(slot.key);
  RequireKeys(std::move(expected), KeysOf(weights, options), weights.file());
  for (const Slot& slot : slots) {
    cancel.ThrowIfCancelled();
    at::Tensor target = slot.tensor;
    target.set_requires_grad(false);
    target.set_data(Load(slot, weights, options));
  }
}

}  // namespace deepcode
