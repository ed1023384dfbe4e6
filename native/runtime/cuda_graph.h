// Work on a CUDA stream, recorded once and then started as a whole: libtorch's at::cuda::CUDAGraph.
//
// That class' header needs CUDA's, without which the addon is built, and libtorch's device-agnostic
// at::accelerator::Graph knows no CUDA up to 2.14. So the class' methods, which libtorch exports,
// are looked up by name in the library that is loaded. Where one is missing there are no graphs.
#pragma once

#include <cstddef>

namespace deepcode {

class CudaGraph {
 public:
  // Whether the libtorch of this process has them. LoadCudaLibraries comes first.
  static bool Available();

  // All of these pass on libtorch's exceptions. Needs Available() and a usable device.
  CudaGraph();
  ~CudaGraph();
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;

  // What this thread does next on its current stream, which must not be the default one, is
  // recorded and not done. Other threads may use the device meanwhile.
  void Begin();
  void End();
  // Queues what was recorded on the current stream.
  void Replay();
  void Reset();

 private:
  // The object itself has 448 bytes in libtorch 2.14; earlier ones have fewer members.
  static constexpr size_t kStorage = 4096;

  alignas(std::max_align_t) std::byte storage_[kStorage];
};

}  // namespace deepcode
