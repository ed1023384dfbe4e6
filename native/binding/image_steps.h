// The names that JS uses for filters, pixel layouts and augmentation steps.
#pragma once

#include <napi.h>

#include <vector>

#include "image/augment.h"
#include "image/resample_kernel.h"
#include "image/unpack.h"

namespace deepcode::binding {

// Each throws a Napi::TypeError when the field's value is not one of its names.
ResampleFilter FilterField(const Napi::Object& options, const char* name);
PixelLayout LayoutField(const Napi::Object& options, const char* name);
SampleDepth DepthField(const Napi::Object& options, const char* name);

// One step for each object of `list`, chosen by its `op`; the other fields are its parameters.
std::vector<ImageStep> ParseImageSteps(const Napi::Array& list);

}  // namespace deepcode::binding
