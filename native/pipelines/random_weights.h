// Checkpoints with random values, for measurements: they have the size of real ones and give finite
// results, and nobody needs to download them.
#pragma once

#include <string>

#include "models/autoencoder_kl_options.h"
#include "models/gpt2.h"
#include "models/unet_options.h"
#include "models/vit_options.h"
#include "models/xception_options.h"
#include "runtime/cancel.h"

namespace deepcode {

// A .safetensors file of half precision with diffusers' keys; 1 x 1 convolutions may be matrices.
// The same seed gives the same file. Throws ERR_CONFIG, ERR_IO; Cancelled between tensors.
void WriteRandomUnet(const UnetOptions& options, const std::string& path, uint64_t seed,
                     const CancelToken& cancel);
void WriteRandomAutoencoderKl(const AutoencoderKlOptions& options, const std::string& path,
                              uint64_t seed, const CancelToken& cancel);

// The two networks of a captioner.
struct CaptionNetworks {
  VitOptions encoder;
  Gpt2Options decoder;
};
// With the keys of transformers' VisionEncoderDecoderModel; otherwise as above.
void WriteRandomCaptioner(const CaptionNetworks& networks, const std::string& path, uint64_t seed,
                          const CancelToken& cancel);

// VGG-19 at full size with torchvision's keys, without the classifier; otherwise as above.
void WriteRandomVgg19(const std::string& path, uint64_t seed, const CancelToken& cancel);

// Xception with timm's keys, running statistics included; otherwise as above.
void WriteRandomXception(const XceptionOptions& options, const std::string& path, uint64_t seed,
                         const CancelToken& cancel);

}  // namespace deepcode
