// Captions of 8-bit images: the last step of preprocessing, the network and the search for words.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/vision_encoder_decoder.h"
#include "nn/beam_search.h"
#include "pipelines/pixels.h"
#include "runtime/cancel.h"

namespace deepcode {

struct CaptionerSpec {
  VitOptions encoder;
  Gpt2Options decoder;
  std::string weights;       // path of model.safetensors or its index
  std::vector<double> mean;  // per channel, of values scaled to [0, 1]
  std::vector<double> std;
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
};

class Captioner {
 public:
  // Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<Captioner> Load(const CaptionerSpec& spec, const CancelToken& cancel);

  // Texts for one image of the encoder's size, the most probable first. Throws ERR_SHAPE,
  // ERR_NONFINITE; Cancelled between layers.
  std::vector<FoundSequence> Caption(const ImageBatch& image, const BeamSearchOptions& options,
                                     const CancelToken& cancel);

  const CaptionerSpec& spec() const { return spec_; }
  int64_t memory_bytes() const { return memory_bytes_; }

 private:
  explicit Captioner(const CaptionerSpec& spec);

  const CaptionerSpec spec_;
  const std::shared_ptr<VisionEncoderDecoder> model_;
  int64_t memory_bytes_ = 0;
};

}  // namespace deepcode
