// Reading the argument objects of an AutoencoderKL. The JS side is typed in
// ts/native/autoencoder-kl.ts.
#pragma once

#include <napi.h>

#include "models/autoencoder_kl_options.h"

namespace deepcode::binding {

// NativeAutoencoderKlOptions. Throws ERR_CONFIG for options that contradict each other.
AutoencoderKlOptions ReadAutoencoderKlOptions(const Napi::Object& object);

// NativeVaeTiling
VaeTiling ReadVaeTiling(const Napi::Object& object);

}  // namespace deepcode::binding
