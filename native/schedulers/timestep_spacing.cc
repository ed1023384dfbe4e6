#include "schedulers/timestep_spacing.h"

#include <algorithm>
#include <cmath>

#include "runtime/error.h"

namespace deepcode {
namespace {

void CheckSteps(const SchedulerConfig& config, int64_t steps) {
  if (steps >= 1 && steps <= config.num_train_timesteps) return;
  throw Error(ErrorCode::kConfig, "Expected 1 to " + std::to_string(config.num_train_timesteps) +
                                      " steps for this scheduler but received " +
                                      std::to_string(steps) + ".");
}

// `count` points from `last` down to 0.
std::vector<double> Linspace(double last, int64_t count) {
  std::vector<double> points(count);
  const double step = count > 1 ? last / static_cast<double>(count - 1) : 0;
  for (int64_t i = 0; i < count; ++i) points[count - 1 - i] = static_cast<double>(i) * step;
  if (count > 1) points[0] = last;
  return points;
}

std::vector<double> Leading(int64_t ratio, int64_t count, int64_t offset) {
  std::vector<double> points(count);
  for (int64_t i = 0; i < count; ++i) {
    points[count - 1 - i] = static_cast<double>(i * ratio + offset);
  }
  return points;
}

std::vector<double> Trailing(int64_t last, double ratio, int64_t steps) {
  std::vector<double> points;
  // The reference's step is the difference of its first two points, which is rounded once more.
  const auto top = static_cast<double>(last);
  const double step = (top - ratio) - top;
  for (int64_t i = 0; i < steps; ++i) {
    const double point = std::nearbyint(top + static_cast<double>(i) * step) - 1;
    if (point >= 0) points.push_back(point);
  }
  return points;
}

// Half to even, as numpy rounds.
void RoundAll(std::vector<double>* points) {
  for (double& point : *points) point = std::nearbyint(point);
}

double TrailingRatio(const SchedulerConfig& config, int64_t steps) {
  return static_cast<double>(config.num_train_timesteps) / static_cast<double>(steps);
}

}  // namespace

std::vector<double> SpacedTimesteps(const SchedulerConfig& config, int64_t steps, bool round) {
  CheckSteps(config, steps);
  const int64_t train_steps = config.num_train_timesteps;
  switch (config.timestep_spacing) {
    case TimestepSpacing::kLeading:
      return Leading(train_steps / steps, steps, config.steps_offset);
    case TimestepSpacing::kTrailing:
      return Trailing(train_steps, TrailingRatio(config, steps), steps);
    case TimestepSpacing::kLinspace:
      break;
  }
  std::vector<double> points = Linspace(static_cast<double>(train_steps - 1), steps);
  if (round) RoundAll(&points);
  return points;
}

std::vector<double> SpacedTimestepsToData(const SchedulerConfig& config, int64_t steps,
                                          int64_t last) {
  CheckSteps(config, steps);
  if (config.timestep_spacing == TimestepSpacing::kTrailing) {
    return Trailing(last, TrailingRatio(config, steps), steps);
  }
  std::vector<double> points = config.timestep_spacing == TimestepSpacing::kLeading
                                   ? Leading(last / (steps + 1), steps + 1, config.steps_offset)
                                   : Linspace(static_cast<double>(last - 1), steps + 1);
  RoundAll(&points);
  points.pop_back();
  return points;
}

}  // namespace deepcode
