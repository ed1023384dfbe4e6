// Stochastic gradient descent with momentum (Sutskever et al. 2013, as PyTorch writes it):
//   b_t = momentum * b_{t-1} + g_t,   p_t = p_{t-1} - lr * b_t
#pragma once

#include "optim/optimizer.h"

namespace deepcode {

struct SgdOptions {
  double momentum;      // 0 <= momentum < 1
  double weight_decay;  // >= 0, joins the gradient
};

class Sgd : public Optimizer {
 public:
  Sgd(std::vector<OptimizedParameter> parameters, const SgdOptions& options);
  std::vector<std::pair<std::string, at::Tensor>> State() const override;

 protected:
  void Update(size_t index, const at::Tensor& gradient, double learning_rate) override;

 private:
  const SgdOptions options_;
  std::vector<at::Tensor> momentum_buffer_;
};

}  // namespace deepcode
