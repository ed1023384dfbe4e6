// A file mapped for reading.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace deepcode {

// Pages come from the page cache on first touch and are shared with other processes. The file must
// not be shortened in place while it is mapped (replace files by rename): the kernel answers a read
// past the new end with SIGBUS. CheckUnchanged() finds that out before the bytes are touched.
class FileMap {
 public:
  // Throws kIo where the file cannot be opened or is not a regular file. Never blocks on a pipe.
  explicit FileMap(const std::filesystem::path& path);
  ~FileMap();
  FileMap(const FileMap&) = delete;
  FileMap& operator=(const FileMap&) = delete;

  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }
  // Throws kIo where the file is no longer as long as it was when it was mapped.
  void CheckUnchanged() const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  void* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace deepcode
