// One pre-norm transformer block (Dosovitskiy et al. 2021, equations 2 and 3), with LayerScale and
// stochastic depth where asked for:
//   x = x + drop_path(ls1(attn(norm1(x))))
//   x = x + drop_path(ls2(mlp(norm2(x))))
#pragma once

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>

#include <memory>

#include "models/vit_options.h"
#include "nn/attention.h"
#include "nn/layer_scale.h"
#include "nn/mlp.h"

namespace deepcode {

class VitBlock : public torch::nn::Module {
 public:
  explicit VitBlock(const VitOptions& options);

  // x [N, L, dim] -> [N, count, dim]: the first `count` tokens, 1 to L, of the block's output. `weights`
  // as in Attention::Forward.
  at::Tensor Forward(const at::Tensor& x, int64_t count, at::Tensor* weights = nullptr);

  // Drops whole residual branches with this probability, in training mode only.
  void SetDropPath(double probability) { drop_path_ = probability; }
  void SetGenerator(const at::Generator& generator) { generator_ = generator; }

 private:
  bool PlainBranches() const;  // nothing between a branch and its sum
  at::Tensor Branch(const at::Tensor& x, const std::shared_ptr<LayerScale>& scale) const;

  std::shared_ptr<LayerNorm> norm1_;
  std::shared_ptr<Attention> attn_;
  std::shared_ptr<LayerScale> ls1_;
  std::shared_ptr<LayerNorm> norm2_;
  std::shared_ptr<Mlp> mlp_;
  std::shared_ptr<LayerScale> ls2_;
  double drop_path_ = 0.0;
  at::Generator generator_;
};

}  // namespace deepcode
