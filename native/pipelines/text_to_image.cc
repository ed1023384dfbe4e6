#include "pipelines/text_to_image.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "io/key_map/single_file.h"
#include "io/mapped_weights.h"
#include "nn/compute_dtype.h"
#include "pipelines/guidance.h"
#include "pipelines/image_noise.h"
#include "pipelines/latent_images.h"
#include "runtime/error.h"
#include "schedulers/scheduler.h"

namespace deepcode {
namespace {

// A prompt, a negative prompt and those before them.
constexpr size_t kKeptEmbeddings = 8;

MappedWeights OpenPart(const TextToImageSpec& spec, const std::string& path,
                       StableDiffusionPart part) {
  MappedWeights weights = MappedWeights::Open(path);
  return spec.single_file ? SingleFilePart(weights, part) : weights;
}

void RequireFinite(const at::Tensor& latents) {
  if (at::isfinite(latents).all().item<bool>()) return;
  throw Error(ErrorCode::kNonfinite,
              "The network gave NaN or infinite latents. Try dtype bf16 or fp32.");
}

}  // namespace

std::shared_ptr<TextToImage> TextToImage::Load(const TextToImageSpec& spec,
                                               const CancelToken& cancel) {
  at::NoGradGuard no_grad;
  std::shared_ptr<TextToImage> pipeline(new TextToImage(spec));
  pipeline->LoadWeights(cancel);
  pipeline->Finish();
  return pipeline;
}

TextToImage::TextToImage(const TextToImageSpec& spec)
    : spec_(spec),
      compute_(ComputeDtype(spec.device, spec.dtype)),
      text_encoder_(std::make_shared<ClipText>(spec.text_encoder.options)),
      unet_(std::make_shared<Unet>(spec.unet.options)),
      vae_(std::make_shared<AutoencoderKl>(spec.vae.options)) {}

void TextToImage::LoadWeights(const CancelToken& cancel) {
  // All headers are read, and what is no weights file refused, before any weight is.
  const MappedWeights text =
      OpenPart(spec_, spec_.text_encoder.weights, StableDiffusionPart::kTextEncoder);
  const MappedWeights unet = OpenPart(spec_, spec_.unet.weights, StableDiffusionPart::kUnet);
  const MappedWeights vae = OpenPart(spec_, spec_.vae.weights, StableDiffusionPart::kVae);
  for (const LoraFile& lora : spec_.loras) MappedWeights::Open(lora.path);

  const ModuleWeightsOptions options{
      .prefix = "", .key = nullptr, .ignored = {}, .dtype = spec_.dtype, .device = spec_.device};
  LoadClipText(*text_encoder_, text, spec_.dtype, spec_.device, cancel);
  LoadAutoencoderKlWeights(*vae_, vae, options, cancel);
  LoadModuleWeights(*unet_, unet, options, cancel);
  MergeLoras(spec_.loras, {*unet_, *text_encoder_}, cancel);
}

void TextToImage::Finish() {
  const std::vector<torch::nn::Module*> parts = {text_encoder_.get(), unet_.get(), vae_.get()};
  for (torch::nn::Module* part : parts) {
    part->eval();
    for (const at::Tensor& parameter : part->parameters()) {
      parameter_count_ += parameter.numel();
      memory_bytes_ += static_cast<int64_t>(parameter.nbytes());
    }
  }
  const int64_t size = spec_.latent_size;
  unet_->Prepare({2, spec_.unet.options.in_channels, size, size},
                 spec_.text_encoder.options.max_position_embeddings);
  vae_->Prepare({1, spec_.vae.options.latent_channels, size, size});
}

at::Tensor TextToImage::Embed(const std::vector<int64_t>& tokens, const CancelToken& cancel) {
  const auto known = std::find_if(embeddings_.begin(), embeddings_.end(),
                                  [&](const auto& entry) { return entry.first == tokens; });
  if (known != embeddings_.end()) {
    embeddings_.splice(embeddings_.begin(), embeddings_, known);
    return embeddings_.front().second;
  }
  c10::InferenceMode inference;
  const at::Tensor ids = at::tensor(tokens, at::kLong).unsqueeze(0).to(spec_.device);
  const at::Tensor states = text_encoder_->Forward(ids, /*skipped_layers=*/0, cancel).last_hidden;
  embeddings_.emplace_front(tokens, states);
  if (embeddings_.size() > kKeptEmbeddings) embeddings_.pop_back();
  return states;
}

TextToImage::Condition TextToImage::ConditionOf(const TextToImageRequest& request,
                                                const CancelToken& cancel) {
  const auto count = static_cast<int64_t>(request.seeds.size());
  Condition condition{.text = Embed(request.prompt, cancel).expand({count, -1, -1}),
                      .timestep_cond = {},
                      .guided = false};
  if (const int64_t dim = spec_.unet.options.time_cond_proj_dim; dim > 0) {
    condition.timestep_cond =
        GuidanceEmbedding(request.guidance_scale, count, dim).to(spec_.device, compute_);
  } else if (!request.negative_prompt.empty()) {
    const at::Tensor negative = Embed(request.negative_prompt, cancel).expand({count, -1, -1});
    condition.text = at::cat({negative, condition.text});
    condition.guided = true;
  }
  return condition;
}

at::Tensor TextToImage::FirstLatents(const TextToImageRequest& request, const Scheduler& scheduler,
                                     int64_t first, ImageNoise& noise, const CancelToken& cancel) {
  const auto count = static_cast<int64_t>(request.seeds.size());
  if (request.image) {
    const at::Tensor pixels = SignedPixels(request.image->pixels).to(spec_.device, compute_);
    const at::Tensor moments = vae_->Encode(pixels, request.tiling, cancel);
    const at::Tensor original = SampleLatents(moments, noise) * spec_.scaling_factor;
    return scheduler.AddNoise(original, noise.DrawLike(original), first);
  }
  const int64_t down = spec_.vae.options.downsampling();
  const std::vector<int64_t> shape = {spec_.vae.options.latent_channels, request.height / down,
                                      request.width / down};
  const at::Tensor latents = request.latents.defined()
                                 ? request.latents.expand({count, shape[0], shape[1], shape[2]})
                                 : noise.Draw(shape);
  return latents.to(spec_.device) * scheduler.init_noise_sigma();
}

at::Tensor TextToImage::Predict(const at::Tensor& latents, double timestep,
                                const Condition& condition, const TextToImageRequest& request,
                                StepGraph* graph, const CancelToken& cancel) {
  const at::Tensor input = condition.guided ? at::cat({latents, latents}) : latents;
  const at::Tensor timesteps =
      at::full({input.size(0)}, timestep, at::TensorOptions(spec_.device).dtype(at::kFloat));
  const auto step = [&](const std::vector<at::Tensor>& in) {
    return unet_->Forward(in[0], in[1], in[2], in[3], cancel);
  };
  const at::Tensor output =
      graph->Run({input.to(compute_), timesteps, condition.text, condition.timestep_cond}, step)
          .to(at::kFloat);
  if (!condition.guided) return output;
  return Guide(output, request.guidance_scale, request.guidance_rescale);
}

at::Tensor TextToImage::Denoise(const TextToImageRequest& request, const StepListener& on_step,
                                const CancelToken& cancel) {
  const std::unique_ptr<Scheduler> scheduler = MakeScheduler(request.scheduler);
  scheduler->SetTimesteps(request.steps);
  const int64_t first =
      request.image ? scheduler->FirstIndex(request.steps, request.image->strength) : 0;
  const auto end = static_cast<int64_t>(scheduler->timesteps().size());
  ImageNoise noise(request.seeds);
  const NoiseSource draw = [&](const at::Tensor& like) { return noise.DrawLike(like); };
  const Condition condition = ConditionOf(request, cancel);
  at::Tensor latents = FirstLatents(request, *scheduler, first, noise, cancel);
  at::Tensor input = scheduler->ScaleInput(latents, first);
  StepGraph graph(spec_.device, spec_.cuda_graphs);  // holds memory only while it is of use
  for (int64_t i = first; i < end; ++i) {
    cancel.ThrowIfCancelled();
    const at::Tensor output =
        Predict(input, scheduler->timesteps()[i], condition, request, &graph, cancel);
    latents = scheduler->Step(output, i, latents, draw);
    input = i + 1 < end ? scheduler->ScaleInput(latents, i + 1) : latents;
    on_step(i + 1 - first, end - first, request.preview ? LatentPreview(input) : at::Tensor());
  }
  RequireFinite(latents);
  return latents;
}

at::Tensor TextToImage::Decode(const at::Tensor& latents, const VaeTiling& tiling,
                               const CancelToken& cancel) {
  return ToBytes(vae_->Decode(latents.div(spec_.scaling_factor).to(compute_), tiling, cancel));
}

TextToImageResult TextToImage::Generate(const TextToImageRequest& request,
                                        const StepListener& on_step, const CancelToken& cancel) {
  c10::InferenceMode inference;
  const at::Tensor latents = Denoise(request, on_step, cancel);
  return {Decode(latents, request.tiling, cancel), latents.to(at::kCPU).contiguous()};
}

}  // namespace deepcode
