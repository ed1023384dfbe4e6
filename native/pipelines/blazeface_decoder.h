// From what BlazeFace returns to boxes: anchors, scores, overlaps.
#pragma once

#include <vector>

#include "models/blazeface.h"
#include "pipelines/face_boxes.h"

namespace deepcode {

struct FaceThresholds {
  float score;    // faces of lower scores are left out, 0 to 1
  float overlap;  // boxes that overlap more are one face, 0 to 1
};

// The faces of every image, in units of the side of the network's input: 0 to 1 inside of it. Six
// points each: right eye, left eye, nose, mouth, right ear, left ear; right is the person's own.
// Anchors are the centres of the cells: two in each of 16 x 16, then six in each of 8 x 8.
std::vector<std::vector<FaceBox>> DecodeBlazeFace(const BlazeFace::Output& output,
                                                  const FaceThresholds& thresholds);

}  // namespace deepcode
