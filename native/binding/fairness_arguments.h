// Options of the fairness losses from their JS objects.
#pragma once

#include <napi.h>

#include <optional>

#include "losses/bilevel_cvar.h"
#include "losses/ldam.h"

namespace deepcode::binding {

// {tau1, tau2}; null: none.
std::optional<CvarSmoothing> ReadCvarSmoothing(const Napi::Value& value);

// {innerAlpha, outerAlpha, smoothing, byClass}
BilevelCvarOptions ReadBilevelCvarOptions(const Napi::Object& object);

// {classCounts, maxMargin, scale}
LdamOptions ReadLdamOptions(const Napi::Object& object);

}  // namespace deepcode::binding
