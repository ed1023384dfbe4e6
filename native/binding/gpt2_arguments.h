// Options of GPT-2 as TypeScript has them.
#pragma once

#include <napi.h>

#include "models/gpt2.h"

namespace deepcode::binding {

// Throws TypeError for a field that is missing or of another type.
Gpt2Options ReadGpt2Options(const Napi::Object& object);

}  // namespace deepcode::binding
