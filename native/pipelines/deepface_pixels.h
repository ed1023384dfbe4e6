// From cut-out faces to what DeepFace's networks see.
//
// Reference: github.com/serengil/deepface, modules/preprocessing.py (resize_image) and
// models/demography/Emotion.py; cv2.resize with INTER_LINEAR and cv2.cvtColor with BGR2GRAY.
// Differences: none in the result; a side that would vanish becomes one pixel instead of an error.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace deepcode {

// 8-bit RGB, height x width x 3 bytes, borrowed for the call.
struct FacePicture {
  const uint8_t* data;
  int64_t height;
  int64_t width;
};

// [1, 3, size, size]: BGR from 0 to 1, enlarged or reduced to fit, in the middle, black around it.
at::Tensor DeepFacePixels(const FacePicture& picture, int64_t size);

// pixels [N, 3, h, w] BGR -> [N, 1, size, size] grey.
at::Tensor DeepFaceGrey(const at::Tensor& pixels, int64_t size);

}  // namespace deepcode
