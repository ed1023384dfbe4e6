// Which of the training timesteps the steps visit.
//
// Paper: Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed", Table 2.
//
//   leading    0, r, 2r, ... with r = floor(T / steps), then shifted by steps_offset
//   linspace   from 0 to T - 1
//   trailing   T - 1, T - 1 - T / steps, ...
//
// Difference from the reference: trailing gives exactly `steps` timesteps; there rounding makes one
// more for some numbers of steps (61 of 1000), which then asks for timestep -1.
#pragma once

#include <vector>

#include "schedulers/scheduler_config.h"

namespace deepcode {

// Falling. Whole numbers, except that linspace gives fractions unless `round`. Throws ERR_CONFIG
// for steps outside 1 .. num_train_timesteps.
std::vector<double> SpacedTimesteps(const SchedulerConfig& config, int64_t steps, bool round);

// The samplers that end at the data in place of timestep 0 (DPM++, UniPC) space one more point and
// drop the last. `last` is the number of training timesteps that they may start from.
std::vector<double> SpacedTimestepsToData(const SchedulerConfig& config, int64_t steps,
                                          int64_t last);

}  // namespace deepcode
