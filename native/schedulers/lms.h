// Linear multistep over the noise level: the last slopes' polynomial, integrated over the step
// (Adams-Bashforth with unequal steps).
//
// Book: Hairer, Norsett and Wanner 1993, "Solving Ordinary Differential Equations I", section
// III.5. For diffusion it is k-diffusion's sampler, on the ODE of Karras et al. 2022
// (sigma_scheduler.h).
//
//   x_{i+1} = x_i + sum_j c_j d_{i-j}
//   c_j     = integral from sigma_i to sigma_{i+1} of l_j(s) ds
//   l_j(s)  = prod_{k != j} (s - sigma_{i-k}) / (sigma_{i-j} - sigma_{i-k})
//
// Reference: diffusers' LMSDiscreteScheduler with order 4. Differences: the polynomials are
// integrated exactly, there numerically. As there, the coefficients' order follows the position, so
// image-to-image, which starts amid the positions without slopes, leaves out the terms that it has
// none for.
#pragma once

#include <vector>

#include "schedulers/sigma_scheduler.h"

namespace deepcode {

class LmsScheduler : public SigmaScheduler {
 public:
  explicit LmsScheduler(const SchedulerConfig& config) : SigmaScheduler(config) {}
  void SetTimesteps(int64_t steps) override;

 private:
  at::Tensor DoStep(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                    const NoiseSource& noise) override;
  double Coefficient(int64_t order, int64_t index, int64_t age) const;

  std::vector<at::Tensor> derivatives_;  // newest first
};

}  // namespace deepcode
