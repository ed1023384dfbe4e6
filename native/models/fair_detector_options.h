// What describes the disentangled detector. There are no defaults: TypeScript fills every field.
#pragma once

#include <cstdint>

#include "models/xception_options.h"

namespace deepcode {

struct FairDetectorOptions {
  int64_t in_channels;
  int64_t image_height;  // pixels, a multiple of 32 and at least 64
  int64_t image_width;
  // Classes of the specific-forgery head: real, and one a forgery method. 0: there is no
  // specific-forgery branch, which with a single method would repeat the common one.
  int64_t specific_classes;
  int64_t groups;          // of the demographic head, at least 2
  double width;            // of all layers: see ScaledChannels
  double head_dropout;     // of the heads' logits in training, 0 <= p < 1
  double decoder_dropout;  // of the decoder's maps in training, 0 <= p < 1

  bool has_specific() const { return specific_classes > 0; }
  // Channels of an encoder's maps.
  int64_t encoder_channels() const { return ScaledChannels(512, width); }
  // Channels of the maps that a head reads: half of the encoder's, as there are two kinds of
  // forgery features; without the specific branch the common ones take all.
  int64_t head_channels() const { return encoder_channels() / (has_specific() ? 2 : 1); }
  XceptionOptions encoder() const {
    return {in_channels, /*num_classes=*/0, encoder_channels(), width};
  }
};

// Throws ERR_CONFIG naming the first field that is out of range.
void CheckFairDetectorOptions(const FairDetectorOptions& options);

}  // namespace deepcode
