#include "pipelines/detector_network.h"

#include <ATen/ATen.h>

namespace deepcode {

at::Tensor DirectedScore(const at::Tensor& logits, double direction) {
  return (direction * (logits.select(1, 1) - logits.select(1, 0))).sum();
}

}  // namespace deepcode
