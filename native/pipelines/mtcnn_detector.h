// MTCNN on a whole image: proposals at every scale, refined twice.
//
// Reference: facenet-pytorch, models/utils/detect_face.py (detect_face). Its order of steps, its
// rounding and its sides that are one pixel longer here and there are kept: the networks were
// trained and are used with them.
// Differences: crops are refined in groups of at most kGroup, so that many proposals need no more
// memory; of each scale, and of all together, the kMaxProposals best proposals are kept.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "models/mtcnn.h"
#include "pipelines/face_boxes.h"
#include "runtime/cancel.h"

namespace deepcode {

struct MtcnnSpec {
  std::string proposal;  // paths of .safetensors files: P-Net,
  std::string refine;    // R-Net,
  std::string output;    // O-Net
  at::Device device;
  at::ScalarType dtype;  // what weights are rounded to; see ComputeDtype
};

struct MtcnnOptions {
  int64_t min_face;     // pixels of the smallest face, at least 12
  double scale_factor;  // of a scale to the next smaller one, between 0 and 1
  std::vector<double> thresholds;  // three scores
};

// 8-bit RGB, height x width x 3 bytes, borrowed for the call.
struct MtcnnImage {
  const uint8_t* data;
  int64_t height;
  int64_t width;
};

class MtcnnDetector {
 public:
  static constexpr int64_t kGroup = 256;
  static constexpr size_t kMaxProposals = 4096;

  // Throws ERR_WEIGHTS_*, ERR_IO; Cancelled between tensors.
  static std::shared_ptr<MtcnnDetector> Load(const MtcnnSpec& spec, const CancelToken& cancel);

  // The faces, the best first, in pixels. Five points each: the eye, then the mouth's corner on the
  // image's left and right side with the nose between them: eye, eye, nose, corner, corner. Throws
  // ERR_NONFINITE, Cancelled.
  std::vector<FaceBox> Detect(const MtcnnImage& image, const MtcnnOptions& options,
                              const CancelToken& cancel) const;

  const MtcnnSpec& spec() const { return spec_; }
  int64_t memory_bytes() const;

 private:
  // Boxes with what a network said of them.
  struct Candidates {
    std::vector<FaceBox> boxes;
    std::vector<std::array<float, 4>> offsets;
    void Keep(const std::vector<size_t>& indices);
    void KeepHighest(size_t count);
  };

  explicit MtcnnDetector(const MtcnnSpec& spec);
  void LoadWeights(const CancelToken& cancel);

  Candidates Propose(const at::Tensor& image, const MtcnnOptions& options,
                     const CancelToken& cancel) const;
  Candidates ProposeAt(const at::Tensor& image, double scale, float threshold) const;
  Candidates Refine(const MtcnnRefinement& network, const at::Tensor& image,
                    const std::vector<FaceBox>& boxes, float threshold,
                    const CancelToken& cancel) const;

  const MtcnnSpec spec_;
  const std::shared_ptr<MtcnnProposal> proposal_;
  const std::shared_ptr<MtcnnRefinement> refine_;
  const std::shared_ptr<MtcnnRefinement> output_;
};

}  // namespace deepcode
