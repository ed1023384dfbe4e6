// An AutoencoderKL on its own: loaded, placed on a device and run on pixels or latents.
#pragma once

#include <memory>
#include <string>

#include "models/autoencoder_kl.h"
#include "runtime/cancel.h"

namespace deepcode {

struct LatentCodecSpec {
  AutoencoderKlOptions vae;
  std::string weights;  // path of a .safetensors file or of an index
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
  // What the weights are laid out for; other sizes work.
  int64_t batch_size;
  int64_t height;  // of the latents
  int64_t width;
};

class LatentCodec {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<LatentCodec> Load(const LatentCodecSpec& spec, const CancelToken& cancel);

  // As AutoencoderKl's, but tensors are fp32 and on the CPU. Throws ERR_NONFINITE too.
  at::Tensor Encode(const at::Tensor& pixels, const VaeTiling& tiling, const CancelToken& cancel);
  at::Tensor Decode(const at::Tensor& latents, const VaeTiling& tiling, const CancelToken& cancel);

  const LatentCodecSpec& spec() const { return spec_; }
  int64_t memory_bytes() const { return memory_bytes_; }

 private:
  explicit LatentCodec(const LatentCodecSpec& spec);
  at::Tensor ToDevice(const at::Tensor& tensor) const;

  const LatentCodecSpec spec_;
  const std::shared_ptr<AutoencoderKl> vae_;
  int64_t memory_bytes_ = 0;
};

}  // namespace deepcode
