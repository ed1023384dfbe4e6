#include "runtime/device.h"

#include "runtime/cuda_library.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

c10::Device ParseOrThrow(const std::string& name) {
  try {
    return c10::Device(name);
  } catch (const std::exception&) {
    throw Error(ErrorCode::kDevice, "Unknown device '" + name + "'. Use cpu, cuda or cuda:N.");
  }
}

}  // namespace

c10::Device ParseDevice(const std::string& name) {
  c10::Device device = ParseOrThrow(name);
  if (device.is_cpu()) return c10::Device(c10::kCPU);
  if (!device.is_cuda()) {
    throw Error(ErrorCode::kDevice, "Device '" + name + "' is not supported. Use cpu or cuda:N.");
  }
  const CudaStatus status = QueryCuda();
  if (!status.available) {
    throw Error(ErrorCode::kDevice, "CUDA is not available: " + status.reason + " Use device cpu.");
  }
  const c10::DeviceIndex index = device.has_index() ? device.index() : c10::DeviceIndex{0};
  if (index >= status.device_count) {
    throw Error(ErrorCode::kDevice, "There is no cuda:" + std::to_string(index) + "; this machine has " +
                                        std::to_string(status.device_count) + " CUDA device(s).");
  }
  return c10::Device(c10::kCUDA, index);
}

c10::ScalarType ParseDtype(const std::string& name) {
  if (name == "fp32") return c10::kFloat;
  if (name == "bf16") return c10::kBFloat16;
  if (name == "fp16") return c10::kHalf;
  throw Error(ErrorCode::kDtype, "Unknown dtype '" + name + "'. Use fp32, bf16 or fp16.");
}

std::string DtypeName(c10::ScalarType dtype) {
  if (dtype == c10::kFloat) return "fp32";
  if (dtype == c10::kBFloat16) return "bf16";
  if (dtype == c10::kHalf) return "fp16";
  return c10::toString(dtype);
}

}  // namespace deepcode
