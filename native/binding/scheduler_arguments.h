// Reading a sampler's configuration. The JS side is typed in ts/native/scheduler.ts.
#pragma once

#include <napi.h>

#include "schedulers/scheduler_config.h"

namespace deepcode::binding {

// NativeSchedulerConfig. Throws ERR_CONFIG for a word that no sampler knows.
SchedulerConfig ReadSchedulerConfig(const Napi::Object& object);

}  // namespace deepcode::binding
