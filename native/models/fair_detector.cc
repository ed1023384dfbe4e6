#include "models/fair_detector.h"

#include <ATen/ATen.h>

#include "nn/adain.h"
#include "nn/init_layers.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr double kEps = 1e-5;
constexpr int64_t kClasses = 2;  // real, fake

// Each row's partner in its place: the halves of the batch, swapped.
at::Tensor Swapped(const at::Tensor& batch) {
  const std::vector<at::Tensor> halves = batch.chunk(2, 0);
  return at::cat({halves[1], halves[0]});
}

std::string SizeText(int64_t channels, int64_t height, int64_t width) {
  return std::to_string(channels) + " x " + std::to_string(height) + " x " + std::to_string(width);
}

}  // namespace

FairDetector::FairDetector(const FairDetectorOptions& options) : options_(options) {
  CheckFairDetectorOptions(options);
  const FairDetectorOptions& o = options_;
  const auto encoder = [&](const char* name) {
    return register_module(name, std::make_shared<Xception>(o.encoder()));
  };
  encoder_f_ = encoder("encoder_f");
  encoder_c_ = encoder("encoder_c");
  encoder_fair_ = encoder("encoder_fair");
  con_gan_ = register_module(
      "con_gan", std::make_shared<FairDecoder>(FairDecoderOptions{
                     o.encoder_channels(), o.in_channels, o.width, o.decoder_dropout}));
  if (o.has_specific()) head_spe_ = AddHead("head_spe", o.specific_classes);
  head_sha_ = AddHead("head_sha", kClasses);
  head_fair_ = AddHead("head_fair", o.groups);
  head_fused_ = AddHead("head_fused", kClasses);
  if (o.has_specific()) block_spe_ = AddBlock("block_spe");
  block_sha_ = AddBlock("block_sha");
  block_fair_ = AddBlock("block_fair");
}

std::shared_ptr<FairHead> FairDetector::AddHead(const std::string& name, int64_t classes) {
  const FairHeadOptions head{options_.head_channels(), options_.encoder_channels(), classes,
                             options_.head_dropout};
  return register_module(name, std::make_shared<FairHead>(head));
}

std::shared_ptr<FairBlock> FairDetector::AddBlock(const std::string& name) {
  return register_module(
      name, std::make_shared<FairBlock>(options_.encoder_channels(), options_.head_channels()));
}

void FairDetector::InitWeights(const at::Generator& generator) {
  InitConvolutional(*this, generator);
}

FairDetectorOutput FairDetector::Forward(const at::Tensor& pixels, const CancelToken& cancel) {
  CheckPixels(pixels);
  if (pixels.size(0) % 2 != 0) {
    throw Error(ErrorCode::kShape, "Expected as many fake images as real ones in a batch.");
  }
  const at::Tensor forgery_maps = encoder_f_->Features(pixels, cancel);
  const at::Tensor demographic_maps = encoder_fair_->Features(pixels, cancel);
  const at::Tensor common = block_sha_->Forward(forgery_maps);
  const at::Tensor demographic = block_fair_->Forward(demographic_maps);
  FairDetectorOutput output;
  output.content = encoder_c_->Features(pixels, cancel);
  output.common = head_sha_->Forward(common);
  output.demographic = head_fair_->Forward(demographic);
  output.fused = head_fused_->Forward(AdaptiveInstanceNorm(demographic, common, kEps));
  cancel.ThrowIfCancelled();
  if (!options_.has_specific()) {
    Reconstruct(common, demographic_maps, &output);
    return output;
  }
  const at::Tensor specific = block_spe_->Forward(forgery_maps);
  output.specific = head_spe_->Forward(specific);
  Reconstruct(at::cat({specific, common}, 1), demographic_maps, &output);
  return output;
}

// Both reconstructions of all images in one pass.
void FairDetector::Reconstruct(const at::Tensor& forgery, const at::Tensor& demographic,
                               FairDetectorOutput* output) {
  const at::Tensor content = AdaptiveInstanceNorm(demographic, output->content, kEps);
  const at::Tensor images =
      con_gan_->Forward(at::cat({content, content}), at::cat({forgery, Swapped(forgery)}));
  const std::vector<at::Tensor> halves = images.chunk(2, 0);
  output->self_reconstruction = halves[0];
  output->cross_reconstruction = halves[1];
}

FairHeadOutput FairDetector::Predict(const at::Tensor& pixels, const CancelToken& cancel) {
  return ClassifyFused(CommonMaps(pixels, cancel));
}

at::Tensor FairDetector::CommonMaps(const at::Tensor& pixels, const CancelToken& cancel) {
  CheckPixels(pixels);
  return block_sha_->Forward(encoder_f_->Features(pixels, cancel));
}

FairHeadOutput FairDetector::ClassifyFused(const at::Tensor& common_maps) {
  return head_fused_->Forward(common_maps);
}

void FairDetector::SetGenerator(const at::Generator& generator) {
  for (const auto& head : {head_spe_, head_sha_, head_fair_, head_fused_}) {
    if (head) head->SetGenerator(generator);
  }
  con_gan_->SetGenerator(generator);
}

std::vector<Xception*> FairDetector::encoders() const {
  return {encoder_f_.get(), encoder_c_.get(), encoder_fair_.get()};
}

void FairDetector::KeepPrediction() {
  for (const auto& child : named_children()) {
    const std::string& name = child.key();
    if (name != "encoder_f" && name != "block_sha" && name != "head_fused") unregister_module(name);
  }
  encoder_c_ = encoder_fair_ = nullptr;
  con_gan_ = nullptr;
  head_spe_ = head_sha_ = head_fair_ = nullptr;
  block_spe_ = block_fair_ = nullptr;
}

void FairDetector::Prepare(int64_t batch) {
  const FairDetectorOptions& o = options_;
  encoder_f_->Prepare({batch, o.image_height, o.image_width});
  block_sha_->Prepare(
      {batch, XceptionFeatureSide(o.image_height), XceptionFeatureSide(o.image_width)});
}

void FairDetector::CheckPixels(const at::Tensor& pixels) const {
  const FairDetectorOptions& o = options_;
  if (pixels.dim() == 4 && pixels.size(1) == o.in_channels && pixels.size(2) == o.image_height &&
      pixels.size(3) == o.image_width) {
    return;
  }
  const std::string received =
      pixels.dim() == 4 ? SizeText(pixels.size(1), pixels.size(2), pixels.size(3))
                        : std::to_string(pixels.dim()) + " dimensions";
  throw Error(ErrorCode::kShape,
              "Expected images of " + SizeText(o.in_channels, o.image_height, o.image_width) +
                  " for the fair detector but received " + received + ".");
}

}  // namespace deepcode
