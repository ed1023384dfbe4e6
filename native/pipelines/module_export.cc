#include "pipelines/module_export.h"

#include <ATen/ATen.h>

#include "io/finite.h"
#include "io/safetensors_writer.h"
#include "runtime/error.h"

namespace deepcode {

at::Tensor StoredTensor(const std::string& name, const at::Tensor& tensor, at::ScalarType dtype) {
  const at::Tensor stored = tensor.detach().to(at::kCPU, dtype).contiguous();
  if (AllFinite(stored)) return stored;
  throw Error(ErrorCode::kNonfinite,
              name + " holds NaN, Inf or a value too large for the dtype. Save as fp32.");
}

void ExportModule(const torch::nn::Module& module, const std::filesystem::path& path,
                  at::ScalarType dtype) {
  at::NoGradGuard no_grad;
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const auto& items : {module.named_parameters(), module.named_buffers()}) {
    for (const auto& item : items) {
      tensors.emplace_back(item.key(), StoredTensor(item.key(), item.value(), dtype));
    }
  }
  WriteSafetensors(path, tensors, {{"format", "pt"}});
}

}  // namespace deepcode
