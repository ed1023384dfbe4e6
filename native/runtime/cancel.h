// Cooperative cancellation: one token a call, checked between layers, steps and batches.
#pragma once

#include <atomic>
#include <exception>

namespace deepcode {

class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "The operation was aborted."; }
};

class CancelToken {
 public:
  void Cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  void ThrowIfCancelled() const {
    if (cancelled()) throw Cancelled();
  }

 private:
  std::atomic<bool> cancelled_{false};
};

}  // namespace deepcode
