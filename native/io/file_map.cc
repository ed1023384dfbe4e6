#include "io/file_map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "io/io_error.h"
#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {

FileMap::FileMap(const std::filesystem::path& path) : path_(path) {
  descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor_ < 0) ThrowIo("open", path, errno);
  struct stat status = {};
  int failure = fstat(descriptor_, &status) == 0 ? 0 : errno;
  if (failure == 0 && !S_ISREG(status.st_mode)) failure = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
  size_ = failure == 0 ? static_cast<size_t>(status.st_size) : 0;
  if (size_ > 0) {
    data_ = mmap(nullptr, size_, PROT_READ, MAP_SHARED, descriptor_, 0);
    if (data_ == MAP_FAILED) failure = errno;
  }
  if (failure != 0) {
    close(descriptor_);
    ThrowIo("read", path, failure);
  }
}

FileMap::~FileMap() {
  if (data_ != nullptr) munmap(data_, size_);
  close(descriptor_);
}

void FileMap::CheckUnchanged() const {
  struct stat status = {};
  if (fstat(descriptor_, &status) != 0) ThrowIo("read", path_, errno);
  if (static_cast<size_t>(status.st_size) == size_) return;
  throw Error(ErrorCode::kIo,
              FileName(path_) + " changed its size while it was in use. Open it again, and replace "
                                "weight files by renaming, not in place.");
}

}  // namespace deepcode
