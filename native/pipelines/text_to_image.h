// Stable Diffusion 1.x and 2.x: images from a prompt, or from a prompt and an image.
//
// Papers: Rombach et al. 2022, "High-Resolution Image Synthesis with Latent Diffusion Models"; Meng
// et al. 2022, "SDEdit" (image-to-image). Reference: diffusers, StableDiffusionPipeline and
// StableDiffusionImg2ImgPipeline.
// Differences: latents and everything between two calls of the network are fp32 in every dtype, and
// random numbers are drawn in fp32, so that a seed means the same on every device, in every dtype.
#pragma once

#include <list>
#include <memory>
#include <utility>
#include <vector>

#include "models/autoencoder_kl.h"
#include "models/unet.h"
#include "pipelines/text_to_image_spec.h"
#include "runtime/cancel.h"
#include "runtime/step_graph.h"

namespace deepcode {

class ImageNoise;
class Scheduler;

class TextToImage {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<TextToImage> Load(const TextToImageSpec& spec, const CancelToken& cancel);

  // Throws ERR_NONFINITE, ERR_SHAPE, ERR_CONFIG; Cancelled between the layers of every network.
  TextToImageResult Generate(const TextToImageRequest& request, const StepListener& on_step,
                             const CancelToken& cancel);

  // The text encoder's states for tokens: [1, L, D]. Those of the last prompts are kept.
  at::Tensor Embed(const std::vector<int64_t>& tokens, const CancelToken& cancel);

  const TextToImageSpec& spec() const { return spec_; }
  int64_t parameter_count() const { return parameter_count_; }
  int64_t memory_bytes() const { return memory_bytes_; }  // of the weights, without packed copies

 private:
  // What the network is told besides latents and time.
  struct Condition {
    at::Tensor text;           // [N, L, D]; guided: [2N, L, D], without the prompt, then with it
    at::Tensor timestep_cond;  // [N, dim] for a distilled network, which takes guidance as an input
    bool guided;               // both halves are computed
  };

  explicit TextToImage(const TextToImageSpec& spec);
  void LoadWeights(const CancelToken& cancel);
  void Finish();
  Condition ConditionOf(const TextToImageRequest& request, const CancelToken& cancel);
  at::Tensor FirstLatents(const TextToImageRequest& request, const Scheduler& scheduler,
                          int64_t first, ImageNoise& noise, const CancelToken& cancel);
  at::Tensor Predict(const at::Tensor& latents, double timestep, const Condition& condition,
                     const TextToImageRequest& request, StepGraph* graph, const CancelToken& cancel);
  at::Tensor Denoise(const TextToImageRequest& request, const StepListener& on_step,
                     const CancelToken& cancel);  // [N, C, h, w], fp32
  at::Tensor Decode(const at::Tensor& latents, const VaeTiling& tiling, const CancelToken& cancel);

  const TextToImageSpec spec_;
  const at::ScalarType compute_;
  std::shared_ptr<ClipText> text_encoder_;
  std::shared_ptr<Unet> unet_;
  std::shared_ptr<AutoencoderKl> vae_;
  int64_t parameter_count_ = 0;
  int64_t memory_bytes_ = 0;
  std::list<std::pair<std::vector<int64_t>, at::Tensor>> embeddings_;  // newest first
};

}  // namespace deepcode
