// One compute thread per device with a bounded queue. All libtorch work runs on such a thread: the
// libuv pool would block process exit and multiply OpenMP's thread pools.
#pragma once

#include <c10/core/Device.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "runtime/cancel.h"

namespace deepcode {

// Who posted a job; jobs of one owner are cancelled together. In practice one JS environment.
using JobOwner = const void*;

struct Job {
  JobOwner owner;
  std::shared_ptr<CancelToken> cancel;
  std::function<void()> run;  // must not throw; sees a cancelled token when it was dropped
};

class Executor {
 public:
  // The device's executor; its thread starts with the first job.
  static Executor& For(c10::Device device);

  // Cancels everything on every device and joins the threads. Later posts are refused.
  static void ShutdownAll();

  // Cancels the owner's jobs on every device and returns when none of them is queued or running.
  static void CancelOwnerEverywhere(JobOwner owner);

  explicit Executor(c10::Device device) : device_(device) {}
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Throws ERR_BUSY when kQueueLimit jobs wait, ERR_DISPOSED after shutdown.
  void Post(Job job);

  static constexpr size_t kQueueLimit = 256;

 private:
  void Loop();
  void Shutdown();
  void CancelOwner(JobOwner owner);
  bool HasJobOf(JobOwner owner) const;

  const c10::Device device_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::deque<Job> queue_;
  JobOwner running_owner_ = nullptr;
  std::shared_ptr<CancelToken> running_cancel_;
  bool stopping_ = false;
  std::mutex join_mutex_;
  std::thread thread_;
};

// Sets the number of threads an operator may use; takes effect with each device's next job.
// 0 means libtorch's default (one per physical core).
void SetComputeThreads(int threads);
int ComputeThreads();

}  // namespace deepcode
