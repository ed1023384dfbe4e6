// The minimum of a function of one variable on an interval, without derivatives.
//
// Reference: Brent 1973, "Algorithms for Minimization without Derivatives", chapter 5: golden
// sections, and a parabola through the three best points where it promises more.
// scipy.optimize.fminbound is this method.
#pragma once

#include <functional>

namespace deepcode {

struct Minimum {
  double at;
  double value;
};

// Finds the minimum of a unimodal function on [lower, upper] to about `tolerance`, or to half of
// the digits of its place where that is more; the ends themselves are never evaluated. Throws
// ERR_CONFIG unless lower < upper and tolerance > 0.
Minimum BoundedMinimum(const std::function<double(double)>& function, double lower, double upper,
                       double tolerance);

}  // namespace deepcode
