// UniPC: a predictor (UniP) and a corrector (UniC) of any order that use the same network calls.
//
// Paper: Zhao et al. 2023, "UniPC: A Unified Predictor-Corrector Framework for Fast Sampling of
// Diffusion Models", Algorithms 1 (UniC) and 2 (UniP), in their multistep form for data or noise
// prediction.
//
//   h        lambda_t - lambda_s, negated for data prediction: the algorithms then read alike
//   r_m      where the earlier outputs lie, relative to h; the corrector adds r = 1, the new one
//   D_m      (output at r_m - output at s) / r_m
//   B(h)     h (bh1) or e^h - 1 (bh2)
//   rho      solves R rho = phi / B(h), with the powers of r_m as R's rows and h phi_{k+1} k! in phi
//
// Reference: diffusers' UniPCMultistepScheduler without solver_p. Differences: a step to sigma
// 0 is always of order 1, and order 1 does without B(h); there those cases give NaN.
#pragma once

#include <vector>

#include "schedulers/log_snr_scheduler.h"

namespace deepcode {

class UniPcScheduler : public LogSnrScheduler {
 public:
  explicit UniPcScheduler(const SchedulerConfig& config);
  void SetTimesteps(int64_t steps) override;

 private:
  // A step from level `from` to the next one, seen from outputs_.
  struct StepTerms {
    at::Tensor linear;                    // the exact part: x and the output at `from`
    float scale;                          // of the differences' weighted sum
    std::vector<float> ratios;            // r_m
    std::vector<at::Tensor> differences;  // D_m
    std::vector<float> rhs;               // phi / B(h), one more than ratios
  };

  at::Tensor DoStep(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                    const NoiseSource& noise) override;
  at::Tensor Convert(const at::Tensor& sample, const at::Tensor& model_output, int64_t index) const;
  StepTerms TermsOf(const at::Tensor& sample, int64_t from, int64_t order) const;
  at::Tensor Predict(const at::Tensor& sample, int64_t index) const;
  at::Tensor Correct(const at::Tensor& output, int64_t index) const;
  int64_t OrderAt(int64_t index) const;
  bool CorrectsAt(int64_t index) const;

  std::vector<at::Tensor> outputs_;  // x_0 or noise, newest first
  at::Tensor last_sample_;           // where the last step started
  int64_t last_order_ = 0;
  int64_t calls_ = 0;  // of Step since SetTimesteps
};

}  // namespace deepcode
