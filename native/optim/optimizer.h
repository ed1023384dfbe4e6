// First-order optimisers whose state can be saved and restored bit for bit. The update equations are
// those of PyTorch's single-tensor implementations, operation by operation.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace deepcode {

struct OptimizedParameter {
  std::string name;
  at::Tensor tensor;  // a leaf that requires a gradient
  bool decay;         // weight decay applies
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // Updates every parameter that has a gradient. Gradients stay as they are.
  void Step(double learning_rate);

  // Moments and the like by name ("exp_avg.<parameter>"); writing to a tensor changes the state.
  virtual std::vector<std::pair<std::string, at::Tensor>> State() const = 0;

  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 protected:
  explicit Optimizer(std::vector<OptimizedParameter> parameters);

  // One tensor per parameter, zero and of its shape.
  std::vector<at::Tensor> Zeros() const;
  std::vector<std::pair<std::string, at::Tensor>> Named(const char* prefix,
                                                        const std::vector<at::Tensor>& tensors) const;
  // Updates parameter `index`; steps() already counts this step.
  virtual void Update(size_t index, const at::Tensor& gradient, double learning_rate) = 0;

  const std::vector<OptimizedParameter> parameters_;

 private:
  int64_t steps_ = 0;
};

}  // namespace deepcode
