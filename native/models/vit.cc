#include "models/vit.h"

#include <ATen/ATen.h>
#include <torch/nn/modules/container/modulelist.h>

#include "nn/init.h"
#include "nn/patch_whitening.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

std::shared_ptr<LayerNorm> NormOf(const VitOptions& o) {
  return std::make_shared<LayerNorm>(o.embed_dim, o.norm_eps);
}

std::string SizeText(int64_t channels, int64_t height, int64_t width) {
  return std::to_string(channels) + " x " + std::to_string(height) + " x " + std::to_string(width);
}

void InitLinear(const LoraLinear& linear, const at::Generator& generator) {
  TruncatedNormal(linear.weight, 0.02, generator);
  at::NoGradGuard no_grad;
  if (linear.bias.defined()) at::Tensor(linear.bias).zero_();
}

}  // namespace

Vit::Vit(const VitOptions& options) : options_(options) {
  CheckVitOptions(options);
  const VitOptions& o = options_;
  RegisterTokens();
  RegisterEmbedding();
  if (o.pre_norm) norm_pre_ = register_module("norm_pre", NormOf(o));
  const auto blocks = register_module("blocks", std::make_shared<torch::nn::ModuleListImpl>());
  for (int64_t i = 0; i < o.depth; ++i) {
    blocks_.push_back(std::make_shared<VitBlock>(o));
    blocks->push_back(blocks_.back());
  }
  if (o.final_norm && !o.fc_norm) norm_ = register_module("norm", NormOf(o));
  if (o.final_norm && o.fc_norm) fc_norm_ = register_module("fc_norm", NormOf(o));
  RegisterHead();
}

void Vit::RegisterTokens() {
  const VitOptions& o = options_;
  const auto tokens = [&](const char* name, int64_t count) {
    return register_parameter(name, at::empty({1, count, o.embed_dim}));
  };
  if (o.class_token) cls_token_ = tokens("cls_token", 1);
  if (o.distilled) dist_token_ = tokens("dist_token", 1);
  if (o.reg_tokens > 0) reg_token_ = tokens("reg_token", o.reg_tokens);
  if (o.pos_embed) pos_embed_ = tokens("pos_embed", o.embedded_prefix() + o.num_patches());
}

void Vit::RegisterEmbedding() {
  const VitOptions& o = options_;
  if (!o.stem.empty()) {
    stem_ = register_module("patch_embed", std::make_shared<ConvStemEmbed>(o.in_channels, o.stem,
                                                                           o.stem_activation));
    return;
  }
  const PatchEmbedOptions patches{o.patch_height, o.patch_width, o.in_channels, o.embed_dim,
                                  !o.pre_norm};
  patch_embed_ = register_module("patch_embed", std::make_shared<PatchEmbed>(patches));
}

void Vit::RegisterHead() {
  const VitOptions& o = options_;
  if (o.representation_size > 0) {
    const auto layer = register_module("pre_logits", std::make_shared<torch::nn::Module>());
    pre_logits_ = std::make_shared<LoraLinear>(o.embed_dim, o.representation_size, true);
    layer->register_module("fc", pre_logits_);
  }
  const auto classifier = [&](const char* name) {
    return register_module(name,
                           std::make_shared<LoraLinear>(o.num_features(), o.num_classes, true));
  };
  head_ = classifier("head");
  if (o.distilled) head_dist_ = classifier("head_dist");
}

void Vit::InitWeights(const at::Generator& generator) {
  if (pos_embed_.defined()) TruncatedNormal(pos_embed_, 0.02, generator);
  if (dist_token_.defined()) TruncatedNormal(dist_token_, 0.02, generator);
  if (cls_token_.defined()) Normal(cls_token_, 1e-6, generator);
  if (reg_token_.defined()) Normal(reg_token_, 1e-6, generator);
  if (stem_) {
    stem_->InitWeights(generator);
  } else {
    const int64_t fan_in = options_.in_channels * options_.patch_height * options_.patch_width;
    FanInUniform(patch_embed_->proj->weight, fan_in, generator);
    if (patch_embed_->proj->bias.defined()) FanInUniform(patch_embed_->proj->bias, fan_in, generator);
  }
  for (const auto& [name, linear] : Linears()) InitLinear(*linear, generator);
}

void Vit::WhitenPatches(const at::Tensor& pixels, double noise) {
  CheckPixels(pixels);
  if (!patch_embed_) throw Error(ErrorCode::kConfig, "A network with a stem has no patches to whiten.");
  deepcode::WhitenPatches(*patch_embed_, patch_embed_->Patches(pixels).flatten(0, 1), noise);
}

void Vit::InitHead(const at::Generator& generator) {
  InitLinear(*head_, generator);
  if (head_dist_) InitLinear(*head_dist_, generator);
}

VitOutput Vit::Forward(const at::Tensor& pixels, const CancelToken& cancel,
                       std::vector<at::Tensor>* attention) {
  CheckPixels(pixels);
  at::Tensor tokens = Embed(pixels);
  // What follows is differentiated; what comes before may be packed, which has no gradient.
  if (attention && at::GradMode::is_enabled()) tokens = tokens.detach().requires_grad_(true);
  for (const auto& block : blocks_) {
    cancel.ThrowIfCancelled();
    const bool last = block == blocks_.back();
    const int64_t count = last && !attention ? PooledTokens() : tokens.size(1);
    at::Tensor weights;
    tokens = block->Forward(tokens, count, attention ? &weights : nullptr);
    if (attention) attention->push_back(weights);
  }
  if (norm_) tokens = norm_->Forward(tokens);
  if (head_dist_) return DistilledHead(tokens);
  const at::Tensor features = PreLogits(PoolTokens(tokens));
  return {features, head_->Forward(features)};
}

at::Tensor Vit::ForwardTokens(const at::Tensor& pixels, const CancelToken& cancel) {
  CheckPixels(pixels);
  at::Tensor tokens = Embed(pixels);
  for (const auto& block : blocks_) {
    cancel.ThrowIfCancelled();
    tokens = block->Forward(tokens, tokens.size(1));
  }
  return norm_ ? norm_->Forward(tokens) : tokens;
}

at::Tensor Vit::Embed(const at::Tensor& pixels) const {
  at::Tensor x = stem_ ? stem_->Forward(pixels) : patch_embed_->Forward(pixels);
  if (pos_embed_.defined() && options_.no_embed_class) x = x + pos_embed_;
  std::vector<at::Tensor> parts;
  for (const at::Tensor& token : {cls_token_, dist_token_, reg_token_}) {
    if (token.defined()) parts.push_back(token.expand({x.size(0), -1, -1}));
  }
  parts.push_back(x);
  if (parts.size() > 1) x = at::cat(parts, 1);
  if (pos_embed_.defined() && !options_.no_embed_class) x = x + pos_embed_;
  return norm_pre_ ? norm_pre_->Forward(x) : x;
}

int64_t Vit::PooledTokens() const {
  if (options_.global_pool != Pool::kToken) return options_.tokens();
  return head_dist_ ? 2 : 1;
}

at::Tensor Vit::PoolTokens(const at::Tensor& tokens) const {
  if (options_.global_pool == Pool::kToken) return tokens.select(1, 0);
  const at::Tensor pooled =
      options_.pool_include_prefix ? tokens : tokens.slice(1, options_.prefix_tokens());
  switch (options_.global_pool) {
    case Pool::kAvg:
      return pooled.mean(1);
    case Pool::kMax:
      return pooled.amax(1);
    default:
      return 0.5 * (pooled.amax(1) + pooled.mean(1));
  }
}

at::Tensor Vit::PreLogits(const at::Tensor& pooled) {
  const at::Tensor normed = fc_norm_ ? fc_norm_->Forward(pooled) : pooled;
  return pre_logits_ ? at::tanh(pre_logits_->Forward(normed)) : normed;
}

// Touvron et al. 2021, section 3: at test time the two classifiers are averaged.
VitOutput Vit::DistilledHead(const at::Tensor& tokens) {
  const at::Tensor class_token = PreLogits(tokens.select(1, 0));
  const at::Tensor dist_token = PreLogits(tokens.select(1, 1));
  return {(class_token + dist_token) / 2,
          (head_->Forward(class_token) + head_dist_->Forward(dist_token)) / 2};
}

void Vit::CheckPixels(const at::Tensor& pixels) const {
  const VitOptions& o = options_;
  if (pixels.dim() == 4 && pixels.size(1) == o.in_channels && pixels.size(2) == o.image_height &&
      pixels.size(3) == o.image_width) {
    return;
  }
  const std::string expected = SizeText(o.in_channels, o.image_height, o.image_width);
  const std::string received =
      pixels.dim() == 4 ? SizeText(pixels.size(1), pixels.size(2), pixels.size(3))
                        : std::to_string(pixels.dim()) + " dimensions";
  throw Error(ErrorCode::kShape,
              "Expected images of " + expected + " for the ViT but received " + received + ".");
}

std::vector<std::pair<std::string, std::shared_ptr<LoraLinear>>> Vit::Linears() const {
  std::vector<std::pair<std::string, std::shared_ptr<LoraLinear>>> linears;
  for (const auto& item : named_modules("", /*include_self=*/false)) {
    if (auto linear = std::dynamic_pointer_cast<LoraLinear>(item.value())) {
      linears.emplace_back(item.key(), std::move(linear));
    }
  }
  return linears;
}

void Vit::SetStochasticDepth(double rate) {
  const double last = std::max<double>(1.0, static_cast<double>(blocks_.size()) - 1.0);
  for (size_t i = 0; i < blocks_.size(); ++i) {
    blocks_[i]->SetDropPath(rate * static_cast<double>(i) / last);
  }
}

void Vit::SetGenerator(const at::Generator& generator) {
  for (const auto& block : blocks_) block->SetGenerator(generator);
  for (const auto& [name, linear] : Linears()) linear->SetGenerator(generator);
}

void Vit::Fold() {
  if (stem_) stem_->Fold();
}

void Vit::Pack(int64_t batch) {
  if (patch_embed_) patch_embed_->Pack(batch * options_.num_patches());
  if (stem_) stem_->Prepare({batch, options_.image_height, options_.image_width});
  for (const auto& [name, linear] : Linears()) linear->Pack(batch * options_.tokens());
}

}  // namespace deepcode
