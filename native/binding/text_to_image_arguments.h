// Reading what a text-to-image pipeline is made of and asked for. The JS side is typed in
// ts/native/text-to-image.ts.
#pragma once

#include <napi.h>

#include "pipelines/text_to_image_spec.h"

namespace deepcode::binding {

// NativeTextToImageSpec
TextToImageSpec ReadTextToImageSpec(const Napi::Object& object);

// NativeGenerateRequest. Pixels and latents are views: keep the object alive. Throws RangeError
// where sizes do not belong together.
TextToImageRequest ReadTextToImageRequest(const Napi::Object& object, const TextToImageSpec& spec);

}  // namespace deepcode::binding
