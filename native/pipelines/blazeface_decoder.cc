#include "pipelines/blazeface_decoder.h"

#include <ATen/ATen.h>

#include <array>
#include <cmath>

namespace deepcode {
namespace {

struct Grid {
  int cells;  // of a side
  int anchors;  // of a cell
};
constexpr std::array<Grid, 2> kGrids = {{{16, 2}, {8, 6}}};
constexpr float kSide = BlazeFace::kImageSize;

std::vector<FacePoint> Anchors() {
  std::vector<FacePoint> centers;
  for (const auto& [cells, anchors] : kGrids) {
    for (int i = 0; i < cells * cells * anchors; ++i) {
      const int cell = i / anchors;
      centers.push_back({(static_cast<float>(cell % cells) + 0.5f) / static_cast<float>(cells),
                         (static_cast<float>(cell / cells) + 0.5f) / static_cast<float>(cells)});
    }
  }
  return centers;
}

FaceBox DecodeBox(const float* values, const FacePoint& anchor, float score) {
  const auto point = [&](int i) -> FacePoint {
    return {anchor.x + values[2 * i] / kSide, anchor.y + values[2 * i + 1] / kSide};
  };
  const auto [x, y] = point(0);
  const float half_width = values[2] / kSide / 2;
  const float half_height = values[3] / kSide / 2;
  FaceBox box{score, x - half_width, y - half_height, x + half_width, y + half_height, {}};
  for (int i = 2; i < BlazeFace::kValues / 2; ++i) box.points.push_back(point(i));
  return box;
}

}  // namespace

std::vector<std::vector<FaceBox>> DecodeBlazeFace(const BlazeFace::Output& output,
                                                  const FaceThresholds& thresholds) {
  const std::vector<FacePoint> anchors = Anchors();
  const at::Tensor scores = output.scores.sigmoid().contiguous();
  const at::Tensor values = output.values.contiguous();
  std::vector<std::vector<FaceBox>> images;
  for (int64_t n = 0; n < scores.size(0); ++n) {
    std::vector<FaceBox> faces;
    for (int64_t i = 0; i < BlazeFace::kAnchors; ++i) {
      const int64_t at = n * BlazeFace::kAnchors + i;
      const float score = scores.const_data_ptr<float>()[at];
      if (score < thresholds.score) continue;
      const float* row = values.const_data_ptr<float>() + at * BlazeFace::kValues;
      faces.push_back(DecodeBox(row, anchors[static_cast<size_t>(i)], score));
    }
    images.push_back(MergeOverlapping(std::move(faces), thresholds.overlap));
  }
  return images;
}

}  // namespace deepcode
