#include "nn/dropout.h"

#include <ATen/ATen.h>

#include <vector>

namespace deepcode {
namespace {

at::Tensor ScaledMask(at::IntArrayRef shape, const at::Tensor& like, double p,
                      const at::Generator& generator) {
  return at::empty(shape, like.options()).bernoulli_(1.0 - p, generator).div_(1.0 - p);
}

}  // namespace

at::Tensor Dropout(const at::Tensor& x, double p, const at::Generator& generator) {
  if (p == 0.0) return x;
  return x * ScaledMask(x.sizes(), x.detach(), p, generator);
}

at::Tensor DropPath(const at::Tensor& x, double p, const at::Generator& generator) {
  if (p == 0.0) return x;
  std::vector<int64_t> shape(x.dim(), 1);
  shape[0] = x.size(0);
  return x * ScaledMask(shape, x.detach(), p, generator);
}

}  // namespace deepcode
