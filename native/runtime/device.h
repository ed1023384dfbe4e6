// Devices and dtypes by the names that JS uses.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <string>

namespace deepcode {

// "cpu", "cuda" or "cuda:N". Throws ERR_DEVICE for a device this process does not have.
c10::Device ParseDevice(const std::string& name);

// "fp32", "bf16" or "fp16". Throws ERR_DTYPE for anything else.
c10::ScalarType ParseDtype(const std::string& name);

// "fp32" for at::kFloat and so on, as ParseDtype reads it.
std::string DtypeName(c10::ScalarType dtype);

}  // namespace deepcode
