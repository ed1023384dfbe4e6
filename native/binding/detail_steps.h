// Image steps that change the fine detail of a picture, as pseudo-fakes are made of. Each reads its
// parameters from the step's object; their meaning and ranges stand in native/image.
#pragma once

#include <napi.h>

#include "image/augment.h"

namespace deepcode::binding {

ImageStep SharpenStep(const Napi::Object& options);          // sigma, amount
ImageStep RemoveWeakDetailStep(const Napi::Object& options); // sigma, threshold
ImageStep BilateralStep(const Napi::Object& options);        // sigma, tolerance
ImageStep MedianStep(const Napi::Object& options);           // size
ImageStep BandsStep(const Napi::Object& options);            // luma, chroma
ImageStep UpsamplingStep(const Napi::Object& options);       // levels, keep
ImageStep TextureStep(const Napi::Object& options);          // the fields of SyntheticTexture
ImageStep ChannelsStep(const Napi::Object& options);         // gains, offsets
ImageStep WarpStep(const Napi::Object& options);             // matrix

// `steps`, shown under `mask`: {kind: "random", cells, seed} or {kind: "ellipse", ...Ellipse}.
ImageStep MaskedStep(const Napi::Object& options);

}  // namespace deepcode::binding
