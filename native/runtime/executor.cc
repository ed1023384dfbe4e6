#include "runtime/executor.h"

#include <ATen/Parallel.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <vector>

#include "runtime/error.h"

namespace deepcode {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::pair<int, int>, std::unique_ptr<Executor>> executors;
};

// Leaked on purpose: a compute thread may still refer to it while static objects are destroyed.
Registry& GetRegistry() {
  static Registry* registry = new Registry;
  return *registry;
}

std::atomic<int> compute_threads{0};

// Applied on the compute thread itself: OpenMP keeps this setting per thread.
void ApplyThreadCount(int* applied) {
  const int wanted = compute_threads.load();
  if (wanted == *applied) return;
  static const int default_threads = at::get_num_threads();
  at::set_num_threads(wanted > 0 ? wanted : default_threads);
  *applied = wanted;
}

// The thread's work goes to a stream of its own: the default one cannot be recorded (StepGraph), and
// waits for other streams of the process. A device that fails here fails again in the first job, which has
// somebody to tell.
void UseDevice(c10::Device device, c10::OptionalStreamGuard* guard) {
  if (device.is_cpu()) return;
  try {
    guard->reset_stream(c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device));
  } catch (...) {
  }
}

// A job reports its own failures; what still escapes (no memory for the report) must not end the process.
void RunJob(Job& job, int* applied_threads) {
  try {
    ApplyThreadCount(applied_threads);
    job.run();
  } catch (...) {
  }
  job.run = nullptr;  // releases tensors here, before anyone is told that the job has ended
}

std::vector<Executor*> AllExecutors() {
  Registry& registry = GetRegistry();
  std::lock_guard lock(registry.mutex);
  std::vector<Executor*> all;
  for (auto& [key, executor] : registry.executors) all.push_back(executor.get());
  return all;
}

}  // namespace

Executor& Executor::For(c10::Device device) {
  Registry& registry = GetRegistry();
  std::lock_guard lock(registry.mutex);
  const std::pair<int, int> key(static_cast<int>(device.type()), device.index());
  std::unique_ptr<Executor>& slot = registry.executors[key];
  if (!slot) slot = std::make_unique<Executor>(device);
  return *slot;
}

void Executor::Post(Job job) {
  std::lock_guard lock(mutex_);
  if (stopping_) throw Error(ErrorCode::kDisposed, "The process is shutting down.");
  if (queue_.size() >= kQueueLimit) {
    throw Error(ErrorCode::kBusy, "Too many calls are waiting for this device. Await earlier calls first.");
  }
  if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
  queue_.push_back(std::move(job));
  wake_.notify_one();
}

void Executor::Loop() {
  pthread_setname_np(pthread_self(), "deepcode");
  c10::OptionalStreamGuard guard;
  UseDevice(device_, &guard);
  int applied_threads = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    running_owner_ = job.owner;
    running_cancel_ = job.cancel;
    lock.unlock();
    RunJob(job, &applied_threads);
    lock.lock();
    running_owner_ = nullptr;
    running_cancel_.reset();
    idle_.notify_all();
  }
}

bool Executor::HasJobOf(JobOwner owner) const {
  if (running_owner_ == owner) return true;
  return std::any_of(queue_.begin(), queue_.end(), [&](const Job& job) { return job.owner == owner; });
}

void Executor::CancelOwner(JobOwner owner) {
  std::unique_lock lock(mutex_);
  for (Job& job : queue_) {
    if (job.owner == owner) job.cancel->Cancel();
  }
  if (running_owner_ == owner) running_cancel_->Cancel();
  idle_.wait(lock, [&] { return !HasJobOf(owner); });
}

void Executor::Shutdown() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Job& job : queue_) job.cancel->Cancel();
    if (running_cancel_) running_cancel_->Cancel();
    wake_.notify_all();
  }
  const std::lock_guard joining(join_mutex_);
  if (thread_.joinable() && thread_.get_id() != std::this_thread::get_id()) thread_.join();
}

void Executor::ShutdownAll() {
  for (Executor* executor : AllExecutors()) executor->Shutdown();
}

void Executor::CancelOwnerEverywhere(JobOwner owner) {
  for (Executor* executor : AllExecutors()) executor->CancelOwner(owner);
}

void SetComputeThreads(int threads) { compute_threads.store(threads); }

int ComputeThreads() {
  const int set = compute_threads.load();
  return set > 0 ? set : at::get_num_threads();
}

}  // namespace deepcode
