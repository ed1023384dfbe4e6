// What a detector needs of a network: two logits of a picture, and where in the picture they come
// from.
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "nn/feature_size.h"
#include "pipelines/pixels.h"
#include "runtime/cancel.h"

namespace deepcode {

struct NetworkScores {
  at::Tensor features;  // [N, D]: what the classifier reads
  at::Tensor logits;    // [N, classes]: real, fake, and more that are not read
};

class DetectorNetwork {
 public:
  virtual ~DetectorNetwork() = default;

  // Of the pictures.
  virtual ImageShape image() const = 0;
  // Cells of a heat map; batch is 1.
  virtual FeatureSize grid() const = 0;
  // Whose parameters and buffers the detector moves to its device and dtype, between loading and
  // Prepare.
  virtual torch::nn::Module& module() = 0;

  // Lays weights out for inference on batches of about `batch` pictures; from then on they must not
  // change.
  virtual void Prepare(int64_t batch) = 0;

  // pixels [N, C, H, W]. Throws Cancelled between layers.
  virtual NetworkScores Forward(const at::Tensor& pixels, const CancelToken& cancel) = 0;

  // How much each cell raised `direction * (logit 1 - logit 0)`: [N, grid height, grid width],
  // at least 0. Throws Cancelled.
  virtual at::Tensor Heatmap(const at::Tensor& pixels, double direction,
                             const CancelToken& cancel) = 0;
};

// The score that a heat map explains, summed over the batch.
at::Tensor DirectedScore(const at::Tensor& logits, double direction);

}  // namespace deepcode
