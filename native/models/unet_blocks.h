// The stages of a conditional UNet. Module names as diffusers' CrossAttnDownBlock2D, DownBlock2D,
// UNetMidBlock2DCrossAttn, UNetMidBlock2D, CrossAttnUpBlock2D and UpBlock2D.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "nn/resample_2d.h"
#include "nn/resnet_block.h"
#include "nn/transformer_2d.h"
#include "runtime/cancel.h"

namespace deepcode {

// What every layer of one step shares.
struct UnetContext {
  at::Tensor embedding;  // [N, time_embedding_dim], of the timestep, through the activation
  at::Tensor text;       // [N, L, cross_attention_dim]
  const CancelToken& cancel;
};

// Residual blocks; the first `transformers` of them are each followed by a transformer.
class UnetStage : public torch::nn::Module {
 public:
  UnetStage(const std::vector<ResnetBlockOptions>& resnets, const Transformer2dOptions& transformer,
            size_t transformers);

 protected:
  size_t layers() const { return resnets_.size(); }
  // Residual block i and the transformer after it. Throws Cancelled between the two.
  at::Tensor Layer(size_t i, const at::Tensor& x, const UnetContext& context) const;
  void PrepareLayers(FeatureSize size, int64_t text_rows);

 private:
  std::vector<std::shared_ptr<ResnetBlock>> resnets_;
  std::vector<std::shared_ptr<Transformer2d>> attentions_;
};

class UnetDownBlock : public UnetStage {
 public:
  using UnetStage::UnetStage;

  // To be called once, after construction.
  void AddDownsampler(int64_t channels, int64_t padding);

  // x [N, C, h, w] -> [N, C', h', w']. What the way up needs is appended to `skips`.
  at::Tensor Forward(const at::Tensor& x, const UnetContext& context, std::vector<at::Tensor>* skips) const;

  // Returns the output's size.
  FeatureSize Prepare(FeatureSize size, int64_t text_rows);

 private:
  std::shared_ptr<Downsample2d> downsampler_;  // null in the last one
};

class UnetMidBlock : public UnetStage {
 public:
  using UnetStage::UnetStage;

  // x [N, C, h, w] -> the same shape
  at::Tensor Forward(const at::Tensor& x, const UnetContext& context) const;

  void Prepare(FeatureSize size, int64_t text_rows) { PrepareLayers(size, text_rows); }
};

class UnetUpBlock : public UnetStage {
 public:
  using UnetStage::UnetStage;

  // To be called once, after construction.
  void AddUpsampler(int64_t channels);

  // x [N, C, h, w] -> [N, C', h', w']. Each residual block takes one tensor off the end of `skips`;
  // the output has the size of the one that is then the last, or x's when none is left.
  at::Tensor Forward(const at::Tensor& x, const UnetContext& context, std::vector<at::Tensor>* skips) const;

  // Returns the output's size.
  FeatureSize Prepare(FeatureSize size, int64_t text_rows);

 private:
  std::shared_ptr<Upsample2d> upsampler_;  // null in the last one
};

}  // namespace deepcode
