// Mixed precision for the enclosing scope.
#pragma once

#include <ATen/autocast_mode.h>

namespace deepcode {

// Matrix products run in `dtype`, what needs range stays in fp32. With fp32 it does nothing.
class AutocastScope {
 public:
  AutocastScope(at::DeviceType device, at::ScalarType dtype)
      : device_(device), enabled_(dtype != at::kFloat) {
    if (!enabled_) return;
    at::autocast::set_autocast_dtype(device_, dtype);
    at::autocast::set_autocast_enabled(device_, true);
  }
  ~AutocastScope() {
    if (!enabled_) return;
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_, false);
  }
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  const at::DeviceType device_;
  const bool enabled_;
};

}  // namespace deepcode
