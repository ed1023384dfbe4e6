#include "runtime/cuda_library.h"

#include <ATen/Context.h>
#include <dlfcn.h>
#include <unistd.h>

#include <mutex>

namespace deepcode {
namespace {

struct LoadState {
  std::once_flag once;
  bool loaded = false;
  std::string failure = "the CUDA libraries were not looked for.";
};

// Leaked on purpose: it must outlive every thread at exit.
LoadState& State() {
  static LoadState* state = new LoadState;
  return *state;
}

// dlopen with the error text kept: dlerror is cleared by the next call.
bool Open(const std::string& path, std::string* failure) {
  if (access(path.c_str(), F_OK) != 0) {
    *failure = "this libtorch is a CPU build.";
    return false;
  }
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) return true;
  const char* text = dlerror();
  *failure = std::string("its library did not load (") + (text ? text : "no reason given") + ").";
  return false;
}

}  // namespace

void LoadCudaLibraries(const std::string& directory) {
  LoadState& state = State();
  std::call_once(state.once, [&] {
    state.loaded = Open(directory + "/libc10_cuda.so", &state.failure) &&
                   Open(directory + "/libtorch_cuda.so", &state.failure);
  });
}

CudaStatus QueryCuda() {
  const LoadState& state = State();
  if (!state.loaded) return {false, false, 0, state.failure};
  const int count = at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
  if (count > 0) return {true, true, count, ""};
  return {true, false, 0, "no usable GPU or driver was found."};
}

std::string CudaDeviceName(int index) {
  void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  if (driver == nullptr) return "";
  using GetDevice = int (*)(int*, int);
  using GetName = int (*)(char*, int, int);
  const auto get_device = reinterpret_cast<GetDevice>(dlsym(driver, "cuDeviceGet"));
  const auto get_name = reinterpret_cast<GetName>(dlsym(driver, "cuDeviceGetName"));
  char name[256] = "";
  int device = 0;
  const bool known = get_device != nullptr && get_name != nullptr &&
                     get_device(&device, index) == 0 && get_name(name, sizeof(name), device) == 0;
  dlclose(driver);
  return known ? name : "";
}

}  // namespace deepcode
