// Sharpness-aware minimisation: the gradient is taken where the loss is largest nearby.
//
// Paper: Foret et al. 2021, "Sharpness-Aware Minimization for Efficiently Improving
// Generalization", equation 2 and algorithm 1:
//   e = rho g / ||g||_2,   g at w;   then any optimiser steps from w with the gradient at w + e
// A step is: gradients, Climb, gradients anew, Return, Optimizer::Step. The norm is over all
// parameters together; 1e-12 is added to it as in PyTorch's usual implementation.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace deepcode {

class SharpnessAware {
 public:
  // rho > 0: how far to climb.
  SharpnessAware(std::vector<at::Tensor> parameters, double rho);

  // From w to w + e by the parameters' gradients, whose norm this is. The gradients stay as they
  // are.
  void Climb(double gradient_norm);

  // Back to w, bit for bit; does nothing at w.
  void Return();

  bool is_away() const { return !origin_.empty(); }

 private:
  const std::vector<at::Tensor> parameters_;
  const double rho_;
  std::vector<at::Tensor> origin_;  // w while away
};

}  // namespace deepcode
