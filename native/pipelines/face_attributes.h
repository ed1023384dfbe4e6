// A network that reads attributes from 8-bit pictures of faces.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "models/attribute_network.h"
#include "models/gear.h"
#include "models/mini_xception.h"
#include "pipelines/pixels.h"
#include "runtime/cancel.h"

namespace deepcode {

using AttributeOptions = std::variant<GearOptions, MiniXceptionOptions>;

struct FaceAttributesSpec {
  AttributeOptions network;
  std::string weights;  // path of a .safetensors file
  int64_t batch;        // pictures that weights are laid out for
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
};

class FaceAttributes {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<FaceAttributes> Load(const FaceAttributesSpec& spec,
                                              const CancelToken& cancel);

  // Pictures of image_size x image_size x image_channels. Probabilities in fp32 on the CPU. Throws
  // ERR_NONFINITE, Cancelled.
  Attributes Read(const ImageBatch& images, const CancelToken& cancel) const;

  const AttributeNetwork& network() const { return *model_; }
  const FaceAttributesSpec& spec() const { return spec_; }
  int64_t memory_bytes() const { return memory_bytes_; }

 private:
  explicit FaceAttributes(const FaceAttributesSpec& spec);

  const FaceAttributesSpec spec_;
  const std::shared_ptr<AttributeNetwork> model_;
  int64_t memory_bytes_ = 0;
};

}  // namespace deepcode
