#include "runtime/cuda_graph.h"

#include <c10/core/Allocator.h>
#include <dlfcn.h>

namespace deepcode {
namespace {

// Of CUDA's enum cudaStreamCaptureMode: other threads are not held to what a recording allows.
constexpr int kThreadLocal = 1;

// Methods of at::cuda::CUDAGraph, called as functions of the object.
struct Methods {
  void (*construct)(void* graph, bool keep_graph);
  void (*destroy)(void* graph);
  void (*capture_begin)(void* graph, c10::MempoolId_t pool, int mode);
  void (*capture_end)(void* graph);
  void (*replay)(void* graph);
  void (*reset)(void* graph);

  bool complete() const {
    return construct && destroy && capture_begin && capture_end && replay && reset;
  }
};

template <class Function>
void Find(const char* name, Function** function) {
  *function = reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

Methods FindMethods() {
  Methods found{};
  Find("_ZN2at4cuda9CUDAGraphC1Eb", &found.construct);
  Find("_ZN2at4cuda9CUDAGraphD1Ev", &found.destroy);
  Find("_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode",
       &found.capture_begin);
  Find("_ZN2at4cuda9CUDAGraph11capture_endEv", &found.capture_end);
  Find("_ZN2at4cuda9CUDAGraph6replayEv", &found.replay);
  Find("_ZN2at4cuda9CUDAGraph5resetEv", &found.reset);
  return found;
}

const Methods& GetMethods() {
  static const Methods methods = FindMethods();
  return methods;
}

}  // namespace

bool CudaGraph::Available() { return GetMethods().complete(); }

CudaGraph::CudaGraph() { GetMethods().construct(storage_, /*keep_graph=*/false); }

CudaGraph::~CudaGraph() { GetMethods().destroy(storage_); }

void CudaGraph::Begin() {
  const c10::MempoolId_t own_pool{0, 0};
  GetMethods().capture_begin(storage_, own_pool, kThreadLocal);
}

void CudaGraph::End() { GetMethods().capture_end(storage_); }

void CudaGraph::Replay() { GetMethods().replay(storage_); }

void CudaGraph::Reset() { GetMethods().reset(storage_); }

}  // namespace deepcode
