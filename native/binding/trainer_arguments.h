// What the trainers' JS options have in common.
#pragma once

#include <napi.h>

#include "pipelines/trainer_spec.h"

namespace deepcode::binding {

// NativeOptimizerOptions
OptimizerSpec ReadOptimizer(const Napi::Object& object);

}  // namespace deepcode::binding
