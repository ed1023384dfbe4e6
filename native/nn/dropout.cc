#include "nn/dropout.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "runtime/split_mix.h"

namespace deepcode {
namespace {

constexpr double kTwoTo32 = 4294967296.0;
constexpr int64_t kGrain = 1 << 14;

// libtorch's bernoulli_ draws from one serial generator; this takes one number from it and fills the
// mask from a stream that can be entered anywhere, two elements a number. The result does not depend
// on the number of threads.
void FillMask(float* mask, int64_t count, double p, uint64_t seed) {
  const auto dropped = static_cast<uint32_t>(std::min(p * kTwoTo32, kTwoTo32 - 1));
  const auto kept = static_cast<float>(1.0 / (1.0 - p));
  at::parallel_for(0, (count + 1) / 2, kGrain, [&](int64_t begin, int64_t end) {
    SplitMix64 random(seed, begin);
    for (int64_t i = begin; i < end; ++i) {
      const uint64_t bits = random.Next();
      mask[2 * i] = static_cast<uint32_t>(bits) < dropped ? 0.0f : kept;
      if (2 * i + 1 < count) mask[2 * i + 1] = (bits >> 32) < dropped ? 0.0f : kept;
    }
  });
}

at::Tensor HostMask(at::IntArrayRef shape, double p, const at::Generator& generator) {
  const at::Tensor mask = at::empty(shape, at::kFloat);
  const auto seed = at::empty({}, at::kLong).random_(generator).item<int64_t>();
  FillMask(mask.mutable_data_ptr<float>(), mask.numel(), p, static_cast<uint64_t>(seed));
  return mask;
}

at::Tensor ScaledMask(at::IntArrayRef shape, const at::Tensor& like, double p,
                      const at::Generator& generator) {
  if (like.is_cpu()) return HostMask(shape, p, generator).to(like.scalar_type());
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
