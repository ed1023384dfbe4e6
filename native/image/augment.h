// A training augmentation as a list of steps with explicit parameters. Nothing here is random: the
// caller draws the parameters, so that a sample can be made again from its seed.
//
// A new augmentation is one file that makes an ImageStep and one line in binding/image_steps.cc.
#pragma once

#include <functional>
#include <vector>

#include "image/rgb_image.h"

namespace deepcode {

using ImageStep = std::function<void(RgbImage&)>;

inline void Augment(const std::vector<ImageStep>& steps, RgbImage& image) {
  for (const ImageStep& step : steps) step(image);
}

}  // namespace deepcode
