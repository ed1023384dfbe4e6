// Reading the argument object of a UNet. The JS side is typed in ts/native/unet.ts.
#pragma once

#include <napi.h>

#include "models/unet_options.h"

namespace deepcode::binding {

// NativeUnetOptions. Throws ERR_CONFIG for options that contradict each other.
UnetOptions ReadUnetOptions(const Napi::Object& object);

}  // namespace deepcode::binding
