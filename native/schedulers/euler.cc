#include "schedulers/euler.h"

#include <ATen/ATen.h>

namespace deepcode {

at::Tensor EulerScheduler::DoStep(const at::Tensor& model_output, int64_t index,
                                  const at::Tensor& sample, const NoiseSource&) {
  const at::Tensor original = Original(sample, model_output, sigma(index));
  const at::Tensor derivative = (sample - original) / sigma(index);  // line 7 of Algorithm 2
  return sample + derivative * (sigma(index + 1) - sigma(index));    // line 8
}

}  // namespace deepcode
