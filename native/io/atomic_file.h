// Writing a file so that its name always leads to whole, old or new, content.
#pragma once

#include <filesystem>
#include <string_view>

namespace deepcode {

// Collects bytes in a temporary file beside `target`; Commit() syncs it, renames it over the target
// and syncs the folder. Without Commit() the temporary file is removed and the target is as it was.
// Temporary files of writers that were killed are removed by the next writer in the folder.
// Every failure is kIo.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void Write(std::string_view bytes);
  void Commit();

 private:
  bool Create();

  std::filesystem::path target_;
  std::filesystem::path folder_;
  std::filesystem::path temporary_;  // empty once renamed
  int descriptor_ = -1;
};

}  // namespace deepcode
