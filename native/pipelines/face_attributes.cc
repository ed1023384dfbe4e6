#include "pipelines/face_attributes.h"

#include <ATen/ATen.h>

#include "nn/compute_dtype.h"
#include "nn/module_weights.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

struct MakeNetwork {
  std::shared_ptr<AttributeNetwork> operator()(const GearOptions& options) const {
    return std::make_shared<Gear>(options);
  }
  std::shared_ptr<AttributeNetwork> operator()(const MiniXceptionOptions& options) const {
    return std::make_shared<MiniXception>(options);
  }
};

}  // namespace

std::shared_ptr<FaceAttributes> FaceAttributes::Load(const FaceAttributesSpec& spec,
                                                     const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::shared_ptr<FaceAttributes> attributes(new FaceAttributes(spec));
  const ModuleWeightsOptions options{
      .prefix = "", .key = nullptr, .ignored = {}, .dtype = spec.dtype, .device = spec.device};
  LoadModuleWeights(*attributes->model_, MappedWeights::Open(spec.weights), options, cancel);
  for (const at::Tensor& parameter : attributes->model_->parameters()) {
    attributes->memory_bytes_ += static_cast<int64_t>(parameter.nbytes());
  }
  attributes->model_->Prepare(spec.batch);
  return attributes;
}

FaceAttributes::FaceAttributes(const FaceAttributesSpec& spec)
    : spec_(spec), model_(std::visit(MakeNetwork{}, spec.network)) {}

Attributes FaceAttributes::Read(const ImageBatch& images, const CancelToken& cancel) const {
  c10::InferenceMode inference;
  const auto channels = static_cast<size_t>(model_->image_channels());
  const PixelOptions options{model_->image_size(), model_->image_size(), model_->image_channels(),
                             std::vector<double>(channels, model_->pixel_mean()),
                             std::vector<double>(channels, model_->pixel_std())};
  const at::ScalarType dtype = ComputeDtype(spec_.device, spec_.dtype);
  const at::Tensor pixels = NormalizedPixels(images, options, spec_.device, dtype);
  Attributes attributes =
      model_->Forward(pixels.contiguous(at::MemoryFormat::ChannelsLast), cancel);
  for (auto& [name, values] : attributes) {
    values = values.to(at::kCPU, at::kFloat).contiguous();
    if (at::isfinite(values).all().item<bool>()) continue;
    throw Error(ErrorCode::kNonfinite, "The network's " + name + " is NaN or infinite. Try fp32.");
  }
  return attributes;
}

}  // namespace deepcode
