// Batch normalisation (Ioffe & Szegedy 2015) of feature maps, over the batch and all positions.
//
//   y = (x - mean) / sqrt(var + eps) * weight + bias
//   running <- (1 - momentum) * running + momentum * statistic of the batch
//
// The running variance is the unbiased one. Names as PyTorch's BatchNorm2d, but for
// num_batches_tracked, which only a momentum of None reads.
#pragma once

#include <torch/nn/module.h>

#include <string>

namespace deepcode {

// What a layer in training mode normalises by. In evaluation mode it is always the running
// statistics.
enum class BatchStatistics {
  kUpdate,   // the batch's, which also move the running ones
  kKeep,     // the batch's; the running ones stay: the second pass of sharpness-aware minimisation
  kRunning,  // the running ones, as in evaluation mode: fine-tuning with frozen statistics
};

struct BatchNorm2dOptions {
  int64_t channels;
  double eps;
  double momentum;
};

class BatchNorm2d : public torch::nn::Module {
 public:
  // Weight 1, bias 0, running mean 0 and variance 1; statistics are updated in training mode.
  explicit BatchNorm2d(const BatchNorm2dOptions& options);

  // x [N, channels, h, w] -> the same shape
  at::Tensor Forward(const at::Tensor& x) const;

  void SetStatistics(BatchStatistics statistics) { statistics_ = statistics; }

  // What the layer multiplies by and then adds in evaluation mode, both [channels].
  at::Tensor Scale() const;
  at::Tensor Shift() const;

  at::Tensor weight;        // [channels]
  at::Tensor bias;          // [channels]
  at::Tensor running_mean;  // [channels], a buffer
  at::Tensor running_var;   // [channels], a buffer

 private:
  const BatchNorm2dOptions options_;
  BatchStatistics statistics_ = BatchStatistics::kUpdate;
};

// Of every BatchNorm2d inside `module`.
void SetBatchStatistics(torch::nn::Module& module, BatchStatistics statistics);

// Throws ERR_WEIGHTS_FORMAT naming the buffer and `file` for a running variance below 0.
void CheckVariances(const torch::nn::Module& module, const std::string& file);

}  // namespace deepcode
