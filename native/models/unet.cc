#include "models/unet.h"

#include <ATen/ATen.h>
#include <torch/nn/modules/container/modulelist.h>

#include <sstream>

#include "models/unet_blocks.h"
#include "nn/timestep_embedding.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

ResnetBlockOptions ResnetOptions(const UnetOptions& o, int64_t in, int64_t out) {
  return {.in_channels = in,
          .out_channels = out,
          .embedding_dim = o.time_embedding_dim,
          .time_scale_shift = o.time_scale_shift,
          .norm_groups = o.norm_num_groups,
          .norm_eps = o.norm_eps,
          .activation = o.act_fn,
          .output_scale_factor = 1.0};
}

Transformer2dOptions TransformerOptions(const UnetOptions& o, int64_t level) {
  return {.channels = o.block_out_channels[level],
          .num_heads = o.num_attention_heads[level],
          .layers = o.transformer_layers_per_block[level],
          .context_dim = o.cross_attention_dim[level],
          .only_cross_attention = o.only_cross_attention[level],
          .norm_groups = o.norm_num_groups};
}

Conv2dOptions SameSize(int64_t in, int64_t out, int64_t kernel) { return {in, out, kernel, 1, kernel / 2}; }

[[noreturn]] void RefuseShape(const char* name, const std::string& expected, const at::Tensor& received) {
  std::ostringstream message;
  message << "Expected " << expected << " for the UNet's " << name << " but received "
          << received.sizes() << ".";
  throw Error(ErrorCode::kShape, message.str());
}

}  // namespace

Unet::Unet(const UnetOptions& options) : options_(options) {
  CheckUnetOptions(options);
  const UnetOptions& o = options_;
  const int64_t width = o.block_out_channels.front();
  conv_in_ = register_module(
      "conv_in", std::make_shared<Conv2d>(SameSize(o.in_channels, width, o.conv_in_kernel)));
  time_embedding_ = register_module(
      "time_embedding", std::make_shared<TimestepEmbedding>(TimestepEmbeddingOptions{
                            width, o.time_embedding_dim, o.time_cond_proj_dim, o.act_fn}));
  RegisterDown();
  RegisterMid();
  RegisterUp();
  conv_norm_out_ = register_module(
      "conv_norm_out", std::make_shared<GroupNorm>(o.norm_num_groups, width, o.norm_eps));
  conv_out_ = register_module(
      "conv_out", std::make_shared<Conv2d>(SameSize(width, o.out_channels, o.conv_out_kernel)));
}

void Unet::RegisterDown() {
  const UnetOptions& o = options_;
  const auto list = register_module("down_blocks", std::make_shared<torch::nn::ModuleListImpl>());
  int64_t in = o.block_out_channels.front();
  for (int64_t level = 0; level < o.levels(); ++level) {
    const int64_t out = o.block_out_channels[level];
    std::vector<ResnetBlockOptions> resnets;
    for (int64_t i = 0; i < o.layers_per_block[level]; ++i) {
      resnets.push_back(ResnetOptions(o, i == 0 ? in : out, out));
    }
    auto block = std::make_shared<UnetDownBlock>(resnets, TransformerOptions(o, level),
                                                 o.down_cross_attention[level] ? resnets.size() : 0);
    if (level + 1 < o.levels()) block->AddDownsampler(out, o.downsample_padding);
    down_blocks_.push_back(block);
    list->push_back(block);
    in = out;
  }
}

// diffusers gives the middle no only_cross_attention, whatever the level says.
void Unet::RegisterMid() {
  const UnetOptions& o = options_;
  if (o.mid_block == UnetMiddle::kNone) return;
  const int64_t channels = o.block_out_channels.back();
  ResnetBlockOptions resnet = ResnetOptions(o, channels, channels);
  resnet.output_scale_factor = o.mid_block_scale_factor;
  Transformer2dOptions transformer = TransformerOptions(o, o.levels() - 1);
  transformer.only_cross_attention = false;
  const size_t transformers = o.mid_block == UnetMiddle::kCrossAttention ? 1 : 0;
  const std::vector<ResnetBlockOptions> resnets(transformers + 1, resnet);
  mid_block_ = register_module(
      "mid_block", std::make_shared<UnetMidBlock>(resnets, transformer, transformers));
}

// Block i works at the level that is i-th from the bottom. Its residual blocks get the tensors that
// the way down left at that level, the last one what came from the level above.
void Unet::RegisterUp() {
  const UnetOptions& o = options_;
  const auto list = register_module("up_blocks", std::make_shared<torch::nn::ModuleListImpl>());
  int64_t in = o.block_out_channels.back();
  for (int64_t i = 0; i < o.levels(); ++i) {
    const int64_t level = o.levels() - 1 - i;
    const int64_t out = o.block_out_channels[level];
    const int64_t above = o.block_out_channels[level > 0 ? level - 1 : 0];
    const int64_t layers = o.layers_per_block[level] + 1;
    std::vector<ResnetBlockOptions> resnets;
    for (int64_t j = 0; j < layers; ++j) {
      const int64_t skip = j + 1 == layers ? above : out;
      resnets.push_back(ResnetOptions(o, (j == 0 ? in : out) + skip, out));
    }
    auto block = std::make_shared<UnetUpBlock>(resnets, TransformerOptions(o, level),
                                               o.up_cross_attention[i] ? resnets.size() : 0);
    if (level > 0) block->AddUpsampler(out);
    up_blocks_.push_back(block);
    list->push_back(block);
    in = out;
  }
}

at::Tensor Unet::Forward(const at::Tensor& latents, const at::Tensor& timesteps, const at::Tensor& text,
                         const at::Tensor& timestep_cond, const CancelToken& cancel) {
  CheckInputs(latents, timesteps, text, timestep_cond);
  const at::Tensor embedding = Embed(timesteps, timestep_cond, latents.scalar_type());
  const UnetContext context{Activate(embedding, options_.act_fn), text, cancel};
  const at::Tensor centred = options_.center_input_sample ? 2 * latents - 1.0 : latents;
  at::Tensor x = conv_in_->Forward(centred.contiguous(at::MemoryFormat::ChannelsLast));
  std::vector<at::Tensor> skips{x};
  for (const auto& block : down_blocks_) x = block->Forward(x, context, &skips);
  if (mid_block_) x = mid_block_->Forward(x, context);
  for (const auto& block : up_blocks_) x = block->Forward(x, context, &skips);
  x = conv_out_->Forward(conv_norm_out_->ForwardActivated(x, options_.act_fn));
  return x.contiguous();
}

at::Tensor Unet::Embed(const at::Tensor& timesteps, const at::Tensor& timestep_cond,
                       at::ScalarType dtype) {
  const SinusoidOptions sinusoids{options_.block_out_channels.front(), options_.flip_sin_to_cos,
                                  options_.freq_shift};
  return time_embedding_->Forward(TimestepSinusoids(timesteps, sinusoids).to(dtype), timestep_cond);
}

void Unet::Prepare(at::IntArrayRef latents, int64_t tokens) {
  FeatureSize size{latents[0], latents[2], latents[3]};
  const int64_t text_rows = size.batch * tokens;
  conv_in_->Prepare(size);
  conv_out_->Prepare(size);
  for (const auto& block : down_blocks_) size = block->Prepare(size, text_rows);
  if (mid_block_) mid_block_->Prepare(size, text_rows);
  for (const auto& block : up_blocks_) size = block->Prepare(size, text_rows);
}

void Unet::CheckInputs(const at::Tensor& latents, const at::Tensor& timesteps, const at::Tensor& text,
                       const at::Tensor& timestep_cond) const {
  const UnetOptions& o = options_;
  const std::string n = std::to_string(latents.dim() == 4 ? latents.size(0) : 1);
  if (latents.dim() != 4 || latents.size(1) != o.in_channels || latents.numel() == 0) {
    RefuseShape("latents", "[N, " + std::to_string(o.in_channels) + ", h, w]", latents);
  }
  if (timesteps.dim() != 1 || timesteps.size(0) != latents.size(0)) {
    RefuseShape("timesteps", "[" + n + "]", timesteps);
  }
  const int64_t width = o.cross_attention_dim.front();
  if (text.dim() != 3 || text.size(0) != latents.size(0) || text.size(2) != width) {
    RefuseShape("text", "[" + n + ", L, " + std::to_string(width) + "]", text);
  }
  if (!timestep_cond.defined()) return;
  if (o.time_cond_proj_dim == 0 || timestep_cond.dim() != 2 ||
      timestep_cond.size(0) != latents.size(0) || timestep_cond.size(1) != o.time_cond_proj_dim) {
    RefuseShape("timestep_cond", "[" + n + ", " + std::to_string(o.time_cond_proj_dim) + "]", timestep_cond);
  }
}

}  // namespace deepcode
