// What describes an Xception. There are no defaults: TypeScript fills every field.
#pragma once

#include <cstdint>

namespace deepcode {

struct XceptionOptions {
  int64_t in_channels;
  int64_t num_classes;      // of the classifier; 0: none
  int64_t adjust_channels;  // what a 1 x 1 convolution reduces the last maps to; 0: none
  // Of every layer, as a factor of the published network's, 0 < width <= 4: see ScaledChannels. Not
  // of in_channels, num_classes and adjust_channels.
  double width;
};

// The published number of channels for a `width` of 1, otherwise the nearest multiple of 8, at
// least 8.
int64_t ScaledChannels(int64_t channels, double width);

// The channels of the last maps: of adjust_channel's where there is one.
int64_t XceptionFeatures(const XceptionOptions& options);

// The side of the last maps for an image of this side in pixels; 0 or less: the image is too small.
int64_t XceptionFeatureSide(int64_t image_side);

// Throws ERR_CONFIG naming the first field that is out of range or contradicts another.
void CheckXceptionOptions(const XceptionOptions& options);

}  // namespace deepcode
