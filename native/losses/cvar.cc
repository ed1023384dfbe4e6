#include "losses/cvar.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "losses/bounded_minimum.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

// Far below the width of the kink, so that gradients agree with those at the exact minimum.
constexpr double kTolerance = 1e-7;  // in units of tau1

void Check(const at::Tensor& losses, double alpha) {
  if (losses.dim() != 1 || losses.numel() == 0) {
    throw Error(ErrorCode::kShape, "Expected losses [N] with at least one value for CVaR.");
  }
  if (!(alpha > 0.0 && alpha <= 1.0)) {
    throw Error(ErrorCode::kConfig, "Expected an alpha above 0 and at most 1 for CVaR.");
  }
}

void Check(const CvarSmoothing& smoothing) {
  if (smoothing.tau1 > 0.0 && smoothing.tau2 >= 0.0) return;
  throw Error(ErrorCode::kConfig, "Expected tau1 above 0 and tau2 of at least 0 for CVaR.");
}

std::vector<double> ToHost(const at::Tensor& losses) {
  const at::Tensor host = losses.detach().to(at::kCPU, at::kDouble).contiguous();
  return {host.const_data_ptr<double>(), host.const_data_ptr<double>() + host.numel()};
}

double Softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

double SmoothedObjective(const std::vector<double>& losses, double eta, double alpha,
                         const CvarSmoothing& s) {
  double sum = 0.0;
  for (const double loss : losses) sum += s.tau1 * Softplus((loss - eta) / s.tau1);
  const auto count = static_cast<double>(losses.size());
  return eta + s.tau2 / (2.0 * alpha) * eta * eta + sum / (alpha * count);
}

// The derivative 1 + tau2 / alpha eta - mean(sigmoid((l - eta) / tau1)) / alpha is below 0 at the
// lower end and above 0 at the upper one.
std::pair<double, double> Bounds(const std::vector<double>& losses, double alpha,
                                 const CvarSmoothing& s) {
  const auto [least, most] = std::minmax_element(losses.begin(), losses.end());
  const double tail = s.tau1 * (40.0 - std::log(alpha));
  const double pulled = s.tau2 > 0.0 ? (1.0 - alpha) / s.tau2 : *least;
  return {std::min({*least, pulled, 0.0}) - tail, std::max(*most, 0.0) + tail};
}

}  // namespace

at::Tensor Cvar(const at::Tensor& losses, double alpha) {
  Check(losses, alpha);
  const double worst = alpha * static_cast<double>(losses.numel());  // alpha N, a share of samples
  const at::Tensor sorted = std::get<0>(losses.to(at::kFloat).sort(0, /*descending=*/true));
  const at::Tensor rank = at::arange(losses.numel(), sorted.options());
  const at::Tensor weights = (worst - rank).clamp(0.0, 1.0);  // 1, ..., 1, the fraction, 0, ..., 0
  return (weights * sorted).sum() / worst;
}

double CvarEta(const at::Tensor& losses, double alpha) {
  Check(losses, alpha);
  std::vector<double> values = ToHost(losses);
  std::sort(values.begin(), values.end(), std::greater<>());
  // The next smaller loss is as good where alpha N is whole; anything between them is.
  const auto above = static_cast<size_t>(std::floor(alpha * static_cast<double>(values.size())));
  return values[std::min(above, values.size() - 1)];
}

double SmoothedCvarEta(const at::Tensor& losses, double alpha, const CvarSmoothing& smoothing) {
  Check(losses, alpha);
  Check(smoothing);
  const std::vector<double> values = ToHost(losses);
  const auto [lower, upper] = Bounds(values, alpha, smoothing);
  const auto objective = [&](double eta) {
    return SmoothedObjective(values, eta, alpha, smoothing);
  };
  return BoundedMinimum(objective, lower, upper, kTolerance * smoothing.tau1).at;
}

at::Tensor SmoothedCvar(const at::Tensor& losses, double alpha, const CvarSmoothing& smoothing) {
  const double eta = SmoothedCvarEta(losses, alpha, smoothing);
  const at::Tensor above =
      at::softplus(losses.to(at::kFloat) - eta, 1.0 / smoothing.tau1, /*threshold=*/30);
  return eta + smoothing.tau2 / (2.0 * alpha) * eta * eta + above.mean() / alpha;
}

}  // namespace deepcode
