#include "losses/bounded_minimum.h"

#include <cmath>
#include <limits>
#include <utility>

#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr int kMaxEvaluations = 500;
const double kGolden = (3.0 - std::sqrt(5.0)) / 2.0;  // the smaller part of a golden section
const double kRelativeTolerance = std::sqrt(std::numeric_limits<double>::epsilon());

// The interval that holds the minimum, and the three lowest points so far.
class Search {
 public:
  Search(const std::function<double(double)>& function, double lower, double upper)
      : function_(function), lower_(lower), upper_(upper) {
    best_ = second_ = third_ = Evaluate(lower + kGolden * (upper - lower));
  }

  Minimum Run(double tolerance) {
    for (int i = 1; i < kMaxEvaluations; ++i) {
      tolerance_ = kRelativeTolerance * std::abs(best_.at) + tolerance / 3.0;
      const double middle = (lower_ + upper_) / 2.0;
      if (std::abs(best_.at - middle) <= 2.0 * tolerance_ - (upper_ - lower_) / 2.0) break;
      if (!StepByParabola(middle)) StepByGoldenSection(middle);
      Take(Evaluate(NextPoint()));
    }
    return best_;
  }

 private:
  Minimum Evaluate(double x) const { return {x, function_(x)}; }

  // Sets the step to the vertex of the parabola through the three points, where it lies inside and
  // the steps shrink.
  bool StepByParabola(double middle) {
    if (std::abs(previous_step_) <= tolerance_) return false;
    const double r = (best_.at - second_.at) * (best_.value - third_.value);
    double q = (best_.at - third_.at) * (best_.value - second_.value);
    double p = (best_.at - third_.at) * q - (best_.at - second_.at) * r;
    q = 2.0 * (q - r);
    if (q > 0.0) p = -p;
    q = std::abs(q);
    const double before = std::exchange(previous_step_, step_);
    const bool inside = p > q * (lower_ - best_.at) && p < q * (upper_ - best_.at);
    if (!(std::abs(p) < std::abs(0.5 * q * before)) || !inside) return false;
    step_ = p / q;
    const double x = best_.at + step_;
    const bool near_an_end = x - lower_ < 2.0 * tolerance_ || upper_ - x < 2.0 * tolerance_;
    if (near_an_end) step_ = std::copysign(tolerance_, middle - best_.at);
    return true;
  }

  void StepByGoldenSection(double middle) {
    previous_step_ = (best_.at >= middle ? lower_ : upper_) - best_.at;
    step_ = kGolden * previous_step_;
  }

  double NextPoint() const {
    const double step = std::abs(step_) >= tolerance_ ? step_ : std::copysign(tolerance_, step_);
    return best_.at + step;
  }

  void Take(const Minimum& point) {
    if (point.value <= best_.value) {
      (point.at >= best_.at ? lower_ : upper_) = best_.at;
      third_ = std::exchange(second_, std::exchange(best_, point));
      return;
    }
    (point.at < best_.at ? lower_ : upper_) = point.at;
    if (point.value <= second_.value || second_.at == best_.at) {
      third_ = std::exchange(second_, point);
    } else if (point.value <= third_.value || third_.at == best_.at || third_.at == second_.at) {
      third_ = point;
    }
  }

  const std::function<double(double)>& function_;
  double lower_, upper_;
  double step_ = 0.0, previous_step_ = 0.0;
  double tolerance_ = 0.0;
  Minimum best_, second_, third_;
};

}  // namespace

Minimum BoundedMinimum(const std::function<double(double)>& function, double lower, double upper,
                       double tolerance) {
  if (!(lower < upper) || !(tolerance > 0.0)) {
    throw Error(ErrorCode::kConfig, "Expected an interval and a tolerance above 0 for a minimum.");
  }
  return Search(function, lower, upper).Run(tolerance);
}

}  // namespace deepcode
