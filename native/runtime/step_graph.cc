#include "runtime/step_graph.h"

#include <ATen/ATen.h>
#include <ATen/DeviceAccelerator.h>

#include <algorithm>

#include "runtime/cancel.h"
#include "runtime/cuda_graph.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

// A tensor's shape, strides and type on the meta device: compares like it and holds no memory.
std::vector<at::Tensor> ShapesOf(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> shapes;
  for (const at::Tensor& tensor : tensors) {
    shapes.push_back(tensor.defined() ? at::empty_like(tensor, tensor.options().device(at::kMeta)) : at::Tensor());
  }
  return shapes;
}

bool SameShape(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type();
}

bool SameShapes(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), SameShape);
}

}  // namespace

struct StepGraph::Recording {
  CudaGraph graph;
  std::vector<at::Tensor> inputs;  // what the graph reads
  at::Tensor output;               // what it writes, in the graph's own memory

  // Memory is given back only when nothing that uses it is still running.
  ~Recording() {
    try {
      at::accelerator::synchronizeDevice(output.device().index());
    } catch (...) {
    }
  }
};

namespace {

// The step is cancelled, or fails like any other: its own matter, not one of recording.
bool IsOfTheStep(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Cancelled&) {
    return true;
  } catch (const Error&) {
    return true;
  } catch (...) {
    return false;
  }
}

// Leaves the device out of recording, whatever state it is in.
void Abandon(CudaGraph* graph) {
  try {
    graph->End();
  } catch (...) {
  }
  try {
    graph->Reset();
  } catch (...) {
  }
}

at::Tensor Capture(CudaGraph* graph, const std::vector<at::Tensor>& inputs,
                   const StepGraph::Step& step) {
  graph->Begin();
  try {
    at::Tensor output = step(inputs);
    graph->End();
    return output;
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    Abandon(graph);
    std::rethrow_exception(failure);
  }
}

}  // namespace

bool StepGraph::Record(const std::vector<at::Tensor>& inputs, const Step& step) {
  try {
    auto recording = std::make_unique<Recording>();
    for (const at::Tensor& input : inputs) {
      recording->inputs.push_back(input.defined() ? input.clone() : at::Tensor());
    }
    at::accelerator::synchronizeDevice(inputs.front().device().index());
    recording->output = Capture(&recording->graph, recording->inputs, step);
    recording_ = std::move(recording);
    return true;
  } catch (...) {
    if (IsOfTheStep(std::current_exception())) throw;
    enabled_ = false;
    return false;
  }
}

at::Tensor StepGraph::Replay(const std::vector<at::Tensor>& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].defined()) recording_->inputs[i].copy_(inputs[i]);
  }
  recording_->graph.Replay();
  return recording_->output.clone();  // the next replay writes over it
}

StepGraph::StepGraph(at::Device device, bool enabled)
    : enabled_(enabled && device.is_cuda() && CudaGraph::Available()) {}

StepGraph::~StepGraph() = default;

at::Tensor StepGraph::Run(const std::vector<at::Tensor>& inputs, const Step& step) {
  if (!enabled_) return step(inputs);
  if (!SameShapes(seen_, inputs)) {
    recording_.reset();
    seen_ = ShapesOf(inputs);
    return step(inputs);
  }
  if (recording_ || Record(inputs, step)) return Replay(inputs);
  return step(inputs);
}

}  // namespace deepcode
