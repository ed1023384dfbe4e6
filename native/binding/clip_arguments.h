// Reading the argument objects of CLIP's models. The JS side is typed in ts/native/clip.ts.
#pragma once

#include <napi.h>

#include "models/clip_text.h"
#include "models/safety_checker.h"

namespace deepcode::binding {

// NativeClipTextOptions
ClipTextOptions ReadClipTextOptions(const Napi::Object& object);

// NativeSafetyCheckerOptions
SafetyCheckerOptions ReadSafetyCheckerOptions(const Napi::Object& object);

// `count` rows of token ids in an Int32Array as [count, L] int64, a copy. Throws RangeError where
// the rows are not equally long.
at::Tensor ReadTokenIds(const Napi::Value& ids, const Napi::Value& count);

}  // namespace deepcode::binding
