// A diffusion UNet on its own: loaded, placed on a device and run on latents.
#pragma once

#include <memory>
#include <string>

#include "models/unet.h"
#include "runtime/cancel.h"
#include "runtime/step_graph.h"

namespace deepcode {

struct NoisePredictorSpec {
  UnetOptions unet;
  std::string weights;  // path of a .safetensors file or of an index
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
  bool cuda_graphs;      // record the step where the device can
  // What the weights are laid out for; other sizes work.
  int64_t batch_size;
  int64_t height;  // of the latents
  int64_t width;
  int64_t tokens;  // of the text
};

struct NoisePredictorInput {
  at::Tensor latents;        // [N, in_channels, h, w]
  at::Tensor timesteps;      // [N]
  at::Tensor text;           // [N, L, cross_attention_dim]
  at::Tensor timestep_cond;  // [N, time_cond_proj_dim] or undefined
};

class NoisePredictor {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<NoisePredictor> Load(const NoisePredictorSpec& spec, const CancelToken& cancel);

  // Tensors are fp32 and on the CPU, the result [N, out_channels, h, w] too. Throws ERR_SHAPE,
  // ERR_NONFINITE; Cancelled between layers.
  at::Tensor Predict(const NoisePredictorInput& input, const CancelToken& cancel);

  // Whether the step is recorded; that happens with the second call for inputs of the same shapes.
  bool recorded() const { return graph_.recorded(); }

  const NoisePredictorSpec& spec() const { return spec_; }
  int64_t memory_bytes() const { return memory_bytes_; }

 private:
  explicit NoisePredictor(const NoisePredictorSpec& spec);

  const NoisePredictorSpec spec_;
  const std::shared_ptr<Unet> unet_;
  StepGraph graph_;
  int64_t memory_bytes_ = 0;
};

}  // namespace deepcode
