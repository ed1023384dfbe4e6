// The size of a batch of feature maps, for which layers lay out their weights.
#pragma once

#include <cstdint>

namespace deepcode {

struct FeatureSize {
  int64_t batch;
  int64_t height;
  int64_t width;

  int64_t pixels() const { return batch * height * width; }
};

}  // namespace deepcode
