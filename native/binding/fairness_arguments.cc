#include "binding/fairness_arguments.h"

#include "binding/convert.h"

namespace deepcode::binding {

std::optional<CvarSmoothing> ReadCvarSmoothing(const Napi::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  const Napi::Object object = value.As<Napi::Object>();
  return CvarSmoothing{.tau1 = NumberField(object, "tau1"), .tau2 = NumberField(object, "tau2")};
}

BilevelCvarOptions ReadBilevelCvarOptions(const Napi::Object& object) {
  return {.inner_alpha = NumberField(object, "innerAlpha"),
          .outer_alpha = NumberField(object, "outerAlpha"),
          .smoothing = ReadCvarSmoothing(Field(object, "smoothing")),
          .by_class = BoolField(object, "byClass")};
}

LdamOptions ReadLdamOptions(const Napi::Object& object) {
  const std::vector<double> counts = NumberArrayField(object, "classCounts");
  return {.class_counts = {counts.begin(), counts.end()},
          .max_margin = NumberField(object, "maxMargin"),
          .scale = NumberField(object, "scale")};
}

}  // namespace deepcode::binding
