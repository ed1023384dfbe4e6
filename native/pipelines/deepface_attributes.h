// DeepFace's attributes of faces: VGG-Face for age, gender and race, a small network for emotions.
//
// Reference: github.com/serengil/deepface, modules/demography.py (analyze).
// Differences: networks whose convolutions are the same, as those of the published files should be,
// compute them once; faces are read in groups of at most kGroup.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/attribute_network.h"
#include "models/emotion_cnn.h"
#include "models/vgg_face.h"
#include "pipelines/deepface_pixels.h"
#include "runtime/cancel.h"

namespace deepcode {

// Paths of .safetensors files; an empty one: this attribute is not read.
struct DeepFaceSpec {
  std::string age;
  std::string gender;
  std::string race;
  std::string emotion;
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
};

class DeepFaceAttributes {
 public:
  static constexpr size_t kGroup = 8;

  // Throws ERR_WEIGHTS_*, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<DeepFaceAttributes> Load(const DeepFaceSpec& spec,
                                                  const CancelToken& cancel);

  // At least one picture of a face. Probabilities in fp32 on the CPU: "age" [N, 101], "gender"
  // [N, 2] (woman, man), "race" [N, 6] (asian, indian, black, white, middle eastern, latino
  // hispanic), "emotion" [N, 7] (as EmotionCnn). Throws ERR_NONFINITE, Cancelled between layers.
  Attributes Read(const std::vector<FacePicture>& pictures, const CancelToken& cancel) const;

  const DeepFaceSpec& spec() const { return spec_; }
  int64_t memory_bytes() const { return memory_bytes_; }
  // How many times the convolutions of VGG-Face are computed for a face.
  size_t trunks() const { return trunks_.size(); }

 private:
  struct Head {
    std::string attribute;
    size_t trunk;
    std::shared_ptr<VggFaceHead> head;
  };

  explicit DeepFaceAttributes(const DeepFaceSpec& spec) : spec_(spec) {}
  void LoadVggFace(const CancelToken& cancel);
  void LoadEmotion(const CancelToken& cancel);
  void Fill(torch::nn::Module& module, const MappedWeights& weights, const CancelToken& cancel);
  Attributes ReadGroup(const FacePicture* pictures, size_t count, const CancelToken& cancel) const;

  const DeepFaceSpec spec_;
  std::vector<std::shared_ptr<VggFaceTrunk>> trunks_;
  std::vector<Head> heads_;
  std::shared_ptr<EmotionCnn> emotion_;  // null: not read
  int64_t memory_bytes_ = 0;
};

}  // namespace deepcode
