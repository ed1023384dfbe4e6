// Every sampler by its name. A new one is a header and a source beside this file, one line here and
// one in CMakeLists.txt.
#include <string>

#include "runtime/error.h"
#include "schedulers/ddim.h"
#include "schedulers/dpm_solver_multistep.h"
#include "schedulers/euler.h"
#include "schedulers/euler_ancestral.h"
#include "schedulers/heun.h"
#include "schedulers/lcm.h"
#include "schedulers/lms.h"
#include "schedulers/pndm.h"
#include "schedulers/unipc.h"

namespace deepcode {
namespace {

template <class T>
std::unique_ptr<Scheduler> Make(const SchedulerConfig& config) {
  return std::make_unique<T>(config);
}

struct Entry {
  const char* name;
  std::unique_ptr<Scheduler> (*make)(const SchedulerConfig& config);
};

// clang-format off
constexpr Entry kSchedulers[] = {
    {"ddim", Make<DdimScheduler>},
    {"dpm++2m", Make<DpmSolverMultistepScheduler>},
    {"euler", Make<EulerScheduler>},
    {"euler-ancestral", Make<EulerAncestralScheduler>},
    {"heun", Make<HeunScheduler>},
    {"lcm", Make<LcmScheduler>},
    {"lms", Make<LmsScheduler>},
    {"pndm", Make<PndmScheduler>},
    {"unipc", Make<UniPcScheduler>},
};
// clang-format on

}  // namespace

std::unique_ptr<Scheduler> MakeScheduler(const SchedulerConfig& config) {
  for (const Entry& entry : kSchedulers) {
    if (config.name == entry.name) return entry.make(config);
  }
  throw Error(ErrorCode::kConfig, "Unknown scheduler " + config.name.substr(0, 60) + ".");
}

}  // namespace deepcode
