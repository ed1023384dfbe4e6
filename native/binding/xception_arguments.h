// Reading the options of an Xception and of the disentangled detector. The JS side is typed in
// ts/native/fair-detector.ts.
#pragma once

#include <napi.h>

#include "models/fair_detector_options.h"
#include "models/xception_options.h"

namespace deepcode::binding {

// NativeXceptionOptions
XceptionOptions ReadXceptionOptions(const Napi::Object& object);

// NativeFairDetectorOptions
FairDetectorOptions ReadFairDetectorOptions(const Napi::Object& object);

}  // namespace deepcode::binding
