#include "io/io_error.h"

#include <cerrno>
#include <string>
#include <system_error>

#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr size_t kMaxPathBytes = 120;

std::string ShownPath(const std::filesystem::path& path) {
  const std::string text = path.string();
  if (text.size() <= kMaxPathBytes) return Printable(text, 2 * kMaxPathBytes);
  return ".../" + FileName(path);
}

const char* Advice(int code) {
  switch (code) {
    case ENOENT:
      return " Check the path.";
    case EACCES:
    case EPERM:
    case EROFS:
      return " Check the permissions, or choose another folder.";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return " Free some space, or choose another folder.";
    case EISDIR:
    case EINVAL:
      return " A regular file is needed.";
    case EMFILE:
    case ENFILE:
      return " Close other files, or raise the limit on open files.";
    default:
      return "";
  }
}

}  // namespace

void ThrowIo(std::string_view action, const std::filesystem::path& path, int code) {
  throw Error(ErrorCode::kIo, "Cannot " + std::string(action) + " " + ShownPath(path) + ": " +
                                  std::generic_category().message(code) + "." + Advice(code));
}

}  // namespace deepcode
