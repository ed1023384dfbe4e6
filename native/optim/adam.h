// Adam (Kingma & Ba 2015, algorithm 1) and AdamW (Loshchilov & Hutter 2019, algorithm 2).
//   exp_avg     m_t, the running mean of gradients
//   exp_avg_sq  v_t, the running mean of squared gradients
#pragma once

#include "optim/optimizer.h"

namespace deepcode {

struct AdamOptions {
  double weight_decay;  // >= 0
  bool decoupled;       // AdamW: decay the parameter itself; otherwise the decay joins the gradient
};

class Adam : public Optimizer {
 public:
  Adam(std::vector<OptimizedParameter> parameters, const AdamOptions& options);
  std::vector<std::pair<std::string, at::Tensor>> State() const override;

  // PyTorch's constants.
  static constexpr double kBeta1 = 0.9;
  static constexpr double kBeta2 = 0.999;
  static constexpr double kEps = 1e-8;

 protected:
  void Update(size_t index, const at::Tensor& gradient, double learning_rate) override;

 private:
  const AdamOptions options_;
  std::vector<at::Tensor> exp_avg_;
  std::vector<at::Tensor> exp_avg_sq_;
};

}  // namespace deepcode
