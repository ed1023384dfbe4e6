#include "binding/trainer_arguments.h"

#include "binding/convert.h"
#include "runtime/error.h"

namespace deepcode::binding {
namespace {

OptimizerName ReadOptimizerName(const std::string& name) {
  if (name == "adam") return OptimizerName::kAdam;
  if (name == "adamw") return OptimizerName::kAdamW;
  if (name == "sgd") return OptimizerName::kSgd;
  throw Error(ErrorCode::kConfig, "Expected adam, adamw or sgd for the optimizer.");
}

}  // namespace

OptimizerSpec ReadOptimizer(const Napi::Object& object) {
  return {.name = ReadOptimizerName(StringField(object, "name")),
          .momentum = NumberField(object, "momentum"),
          .weight_decay = NumberField(object, "weightDecay"),
          .clip_grad_norm = NumberField(object, "clipGradNorm"),
          .sam_rho = NumberField(object, "samRho")};
}

}  // namespace deepcode::binding
