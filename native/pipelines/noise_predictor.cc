#include "pipelines/noise_predictor.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "nn/compute_dtype.h"
#include "nn/module_weights.h"
#include "runtime/error.h"

namespace deepcode {

std::shared_ptr<NoisePredictor> NoisePredictor::Load(const NoisePredictorSpec& spec,
                                                     const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::shared_ptr<NoisePredictor> predictor(new NoisePredictor(spec));
  Unet& unet = *predictor->unet_;
  LoadModuleWeights(unet, MappedWeights::Open(spec.weights),
                    {.prefix = "", .key = nullptr, .ignored = {}, .dtype = spec.dtype, .device = spec.device},
                    cancel);
  for (const at::Tensor& parameter : unet.parameters()) predictor->memory_bytes_ += parameter.nbytes();
  unet.Prepare({spec.batch_size, spec.unet.in_channels, spec.height, spec.width}, spec.tokens);
  return predictor;
}

NoisePredictor::NoisePredictor(const NoisePredictorSpec& spec)
    : spec_(spec),
      unet_(std::make_shared<Unet>(spec.unet)),
      graph_(spec.device, spec.cuda_graphs) {
  unet_->eval();
}

at::Tensor NoisePredictor::Predict(const NoisePredictorInput& input, const CancelToken& cancel) {
  c10::InferenceMode inference;
  const at::ScalarType dtype = ComputeDtype(spec_.device, spec_.dtype);
  const auto to_device = [&](const at::Tensor& tensor) {
    return tensor.defined() ? tensor.to(spec_.device, dtype) : tensor;
  };
  const at::Tensor noise =
      graph_
          .Run({to_device(input.latents), input.timesteps.to(spec_.device), to_device(input.text),
                to_device(input.timestep_cond)},
               [&](const std::vector<at::Tensor>& in) {
                 return unet_->Forward(in[0], in[1], in[2], in[3], cancel);
               })
          .to(at::kCPU, at::kFloat);
  if (!at::isfinite(noise).all().item<bool>()) {
    throw Error(ErrorCode::kNonfinite, "The predicted noise is NaN or infinite. Try dtype fp32.");
  }
  return noise;
}

}  // namespace deepcode
