// Work that is the same step after step, recorded once by the device and then started as a whole (a CUDA
// graph). A UNet launches thousands of small kernels; recorded, the processor launches one thing.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <vector>

namespace deepcode {

class StepGraph {
 public:
  // Must depend on nothing but the inputs and on tensors that stay where they are, and must not wait
  // for the device. Undefined inputs stay undefined.
  using Step = std::function<at::Tensor(const std::vector<at::Tensor>& inputs)>;

  // Off, on a device without graphs, or with a libtorch without CudaGraph's methods, steps run one kernel at a time.
  StepGraph(at::Device device, bool enabled);
  ~StepGraph();
  StepGraph(const StepGraph&) = delete;
  StepGraph& operator=(const StepGraph&) = delete;

  // The first call with inputs of some shapes runs the step, which lets libraries choose their kernels;
  // the second records it; later ones copy the inputs over the recorded ones and replay. Calls must all
  // be for the same step. What cannot be recorded runs as if this class were not there, from then on.
  // Passes on what `step` throws.
  at::Tensor Run(const std::vector<at::Tensor>& inputs, const Step& step);

  bool recorded() const { return recording_ != nullptr; }

 private:
  struct Recording;

  bool Record(const std::vector<at::Tensor>& inputs, const Step& step);
  at::Tensor Replay(const std::vector<at::Tensor>& inputs);

  bool enabled_;
  std::vector<at::Tensor> seen_;  // inputs of the last call, for their shapes only; without memory
  std::unique_ptr<Recording> recording_;
};

}  // namespace deepcode
