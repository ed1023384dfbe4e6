// Faces as boxes with points, and what is left of overlapping ones.
#pragma once

#include <cstddef>
#include <vector>

namespace deepcode {

// x to the right and y downwards, in units of whoever made it.
struct FacePoint {
  float x;
  float y;
};

struct FaceBox {
  float score;  // 0 to 1
  float left;
  float top;
  float right;
  float bottom;
  std::vector<FacePoint> points;
};

// Intersection over union, 0 to 1.
float Overlap(const FaceBox& a, const FaceBox& b);

// Weighted non-maximum suppression, as MediaPipe does it: the best face and all that overlap it by
// more than `max_overlap` become one, the mean of their places weighted by score; its score is that
// of the best. Then the same among the others. The result is sorted by score, the best first; equal
// scores keep their order.
std::vector<FaceBox> MergeOverlapping(std::vector<FaceBox> faces, float max_overlap);

// How much of a pair of boxes is common: of their union; or of the smaller one, with boxes that
// include their last pixel, as MTCNN's authors count in the last stage.
enum class OverlapMeasure { kUnion, kSmaller };

// Plain non-maximum suppression: which faces are left, the best first. Of two that overlap by more
// than `max_overlap` the worse one goes.
std::vector<size_t> KeepBest(const std::vector<FaceBox>& faces, float max_overlap,
                             OverlapMeasure measure);

}  // namespace deepcode
