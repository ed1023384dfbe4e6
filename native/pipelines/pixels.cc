#include "pipelines/pixels.h"

#include <ATen/ATen.h>

namespace deepcode {

at::Tensor NormalizedPixels(const ImageBatch& images, const PixelOptions& o, at::Device device,
                            at::ScalarType dtype) {
  const at::Tensor bytes =
      at::from_blob(const_cast<uint8_t*>(images.data), {images.count, o.height, o.width, o.channels},
                    at::TensorOptions().dtype(at::kByte));
  const auto per_channel = [&](const std::vector<double>& values) {
    return at::tensor(values, at::kDouble).to(device, at::kFloat);
  };
  return bytes.to(device)
      .to(at::kFloat)
      .div_(255.0)
      .sub_(per_channel(o.mean))
      .div_(per_channel(o.std))
      .permute({0, 3, 1, 2})
      .to(dtype);
}

}  // namespace deepcode
