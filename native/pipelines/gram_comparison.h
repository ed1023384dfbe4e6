// Images by the Gram matrices of their VGG-19 features, and distances between them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "losses/gram.h"
#include "models/vgg19.h"
#include "pipelines/pixels.h"
#include "runtime/cancel.h"

namespace deepcode {

struct GramSpec {
  Vgg19Options vgg19;
  std::string weights;  // path of a .safetensors file with torchvision's keys
  int64_t size;         // images are size x size pixels
  std::vector<double> mean;
  std::vector<double> std;
  bool normalized;  // divide by C H W
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype. Gram matrices are fp32
};

class GramComparison {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<GramComparison> Load(const GramSpec& spec, const CancelToken& cancel);

  // The matrices of every layer of each image, one after another: [N, gram_values()], fp32, CPU.
  // One forward for all of them. Throws ERR_NONFINITE; Cancelled between layers.
  at::Tensor Grams(const ImageBatch& images, const CancelToken& cancel);

  // What Grams gave, gram [gram_values()] and others [M, gram_values()], to the distances of each
  // layer: [M, layers], fp64, CPU. Throws ERR_SHAPE; Cancelled between layers.
  at::Tensor Distances(const at::Tensor& gram, const at::Tensor& others, GramDistance distance,
                       const CancelToken& cancel) const;

  int64_t gram_values() const;
  const GramSpec& spec() const { return spec_; }
  int64_t memory_bytes() const;

 private:
  explicit GramComparison(const GramSpec& spec);

  const GramSpec spec_;
  const std::shared_ptr<Vgg19> model_;
};

}  // namespace deepcode
