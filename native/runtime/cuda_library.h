// CUDA is optional and found at run time. libtorch's CUDA half registers itself when its shared
// libraries are loaded, but only if that happens before the first query: a query without them
// disables CUDA for the life of the process. LoadCudaLibraries therefore comes first, once.
#pragma once

#include <string>

namespace deepcode {

struct CudaStatus {
  bool libraries_loaded;  // c10_cuda and torch_cuda are in the process
  bool available;         // and there is a usable device
  int device_count;
  std::string reason;  // one sentence on why not, empty when available
};

// Loads c10_cuda, then torch_cuda, from `directory` (the absolute path of libtorch's lib folder).
// A CPU build has neither; that is not an error. Only the first call has an effect.
void LoadCudaLibraries(const std::string& directory);

// Never throws. Safe from any thread once LoadCudaLibraries has returned.
CudaStatus QueryCuda();

// "NVIDIA H200" for device `index`, or an empty string where the driver does not tell.
std::string CudaDeviceName(int index);

}  // namespace deepcode
