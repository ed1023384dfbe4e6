#include "io/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <string>
#include <system_error>

#include "io/io_error.h"

namespace deepcode {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = ".deepcode-";
constexpr std::string_view kSuffix = ".tmp";
constexpr int kAttempts = 100;
constexpr size_t kMaxWriteBytes = 1u << 30;  // Linux writes at most 2 GiB a call

std::string TemporaryName() {
  std::random_device random;
  const uint64_t number = static_cast<uint64_t>(random()) << 32 | random();
  return std::string(kPrefix) + std::to_string(number) + std::string(kSuffix);
}

bool IsTemporary(const std::string& name) {
  return name.starts_with(kPrefix) && name.ends_with(kSuffix);
}

// A living writer holds a lock on its file. Failures do not matter here: nothing depends on this.
void RemoveIfAbandoned(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (descriptor < 0) return;
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
  close(descriptor);
}

void RemoveAbandoned(const fs::path& folder) {
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::end(entry);
       entry.increment(error)) {
    if (IsTemporary(entry->path().filename().string())) RemoveIfAbandoned(entry->path());
  }
}

void SyncFolder(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) ThrowIo("open", folder, errno);
  const int failure = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  // Some network file systems cannot sync a folder; the file itself is synced.
  if (failure != 0 && failure != EINVAL) ThrowIo("write to", folder, failure);
}

// A rename would silently turn a device or a pipe into a file.
void RequireRegularOrAbsent(const fs::path& target) {
  struct stat status = {};
  if (stat(target.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return;
  ThrowIo("write", target, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& target)
    : target_(target), folder_(target.has_parent_path() ? target.parent_path() : ".") {
  RequireRegularOrAbsent(target_);
  RemoveAbandoned(folder_);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (Create()) return;
  }
  ThrowIo("write", target_, EBUSY);
}

// False where another writer's RemoveAbandoned got between creation and lock.
bool AtomicFile::Create() {
  temporary_ = folder_ / TemporaryName();
  descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    temporary_.clear();
    ThrowIo("write", target_, errno);
  }
  struct stat status = {};
  const bool locked = flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  if (locked && fstat(descriptor_, &status) == 0 && status.st_nlink > 0) return true;
  close(descriptor_);
  unlink(temporary_.c_str());
  return false;
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
  if (descriptor_ >= 0) close(descriptor_);
}

void AtomicFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t count = std::min(bytes.size(), kMaxWriteBytes);
    const ssize_t written = write(descriptor_, bytes.data(), count);
    if (written < 0 && errno != EINTR) ThrowIo("write", target_, errno);
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void AtomicFile::Commit() {
  if (fsync(descriptor_) != 0) ThrowIo("write", target_, errno);
  if (rename(temporary_.c_str(), target_.c_str()) != 0) ThrowIo("write", target_, errno);
  temporary_.clear();
  SyncFolder(folder_);
}

}  // namespace deepcode
