// GEAR: age, gender and race of a face by one convolutional network with three heads.
//
// Reference: github.com/Udolf15/GEAR-Predictor, as published for TensorFlow.js; the graph is
// written out in ts/attributes/gear.ts.
// Differences: batch norm is a scale and an offset, as in that graph.
// Parameter names equal the Keras layers' names.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "models/attribute_network.h"
#include "nn/conv2d.h"
#include "nn/linear.h"

namespace deepcode {

struct GearOptions {
  std::vector<int64_t> channels;  // of the six convolutions: 32, 64, 96, 128, 160, 192
  int64_t age_hidden;             // 256
  int64_t gender_hidden;          // 128
  int64_t race_hidden;            // 128
};

class Gear : public AttributeNetwork {
 public:
  // Parameters are allocated, not initialised. Throws ERR_CONFIG.
  explicit Gear(const GearOptions& options);

  int64_t image_size() const override { return 198; }
  int64_t image_channels() const override { return 3; }
  double pixel_mean() const override { return 0; }
  double pixel_std() const override { return 1; }

  // "age" [N, 7], "gender" [N, 2] (man, woman), "race" [N, 5] (white, black, asian, indian, other).
  Attributes Forward(const at::Tensor& pixels, const CancelToken& cancel) override;
  void Prepare(int64_t batch) override;

 private:
  struct Norm {
    at::Tensor scale;   // [C]
    at::Tensor offset;  // [C]
  };
  struct Head {
    const char* name;
    std::shared_ptr<Linear> hidden;
    std::shared_ptr<Linear> output;
  };

  Norm AddNorm(size_t i, int64_t channels);
  Head AddHead(const char* name, const char* hidden_name, int64_t hidden, int64_t classes);

  const GearOptions options_;
  std::vector<std::shared_ptr<Conv2d>> convolutions_;
  std::vector<Norm> norms_;  // the first follows the second convolution
  std::vector<Head> heads_;
};

}  // namespace deepcode
