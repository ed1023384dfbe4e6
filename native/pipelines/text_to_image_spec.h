// What a text-to-image pipeline is made of, what it is asked for and what it gives.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/autoencoder_kl_options.h"
#include "models/clip_text.h"
#include "models/unet_options.h"
#include "pipelines/diffusion_lora.h"
#include "schedulers/scheduler_config.h"

namespace deepcode {

template <class Options>
struct PipelinePart {
  Options options;
  std::string weights;  // path of a .safetensors file or of an index
};

struct TextToImageSpec {
  PipelinePart<ClipTextOptions> text_encoder;
  PipelinePart<UnetOptions> unet;
  PipelinePart<AutoencoderKlOptions> vae;
  bool single_file;             // all three name one file in the original code's layout
  std::vector<LoraFile> loras;  // folded in, in this order
  double scaling_factor;        // from the VAE's latents to those of unit variance
  int64_t latent_size;          // side of the latents that weights are laid out for; others work
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
  bool cuda_graphs;      // record the UNet's step where the device can
};

// Where image-to-image starts.
struct StartImage {
  at::Tensor pixels;  // [1, height, width, 3], bytes, CPU
  double strength;    // above 0, at most 1: the share of the steps that are run
};

// A batch of images of one prompt. Image k is drawn from seeds[k] alone. Tensors are borrowed for
// the call and not written to.
struct TextToImageRequest {
  std::vector<int64_t> prompt;           // tokens, padded
  std::vector<int64_t> negative_prompt;  // as many; empty: no guidance
  double guidance_scale;                 // a distilled network takes it as an input
  double guidance_rescale;               // 0 to 1
  SchedulerConfig scheduler;
  int64_t steps;
  int64_t height;  // pixels, multiples of the VAE's downsampling
  int64_t width;
  std::vector<uint64_t> seeds;
  at::Tensor latents;  // [1 or N, C, h, w], fp32, CPU, unit variance; undefined: from the seeds
  std::optional<StartImage> image;  // excludes latents
  VaeTiling tiling;
  bool preview;
};

struct TextToImageResult {
  at::Tensor images;   // [N, height, width, 3], bytes, CPU
  at::Tensor latents;  // [N, C, h, w], fp32, CPU: what was decoded, with the scaling factor
};

// `step` of `total` calls of the network are done. `preview`, where asked for: [N, h, w, 3], bytes,
// CPU.
using StepListener =
    std::function<void(int64_t step, int64_t total, const at::Tensor& preview)>;

}  // namespace deepcode
