#include "io/printable.h"

#include "io/utf8.h"

namespace deepcode {

std::string Printable(std::string_view text, size_t max_bytes) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = Utf8Length(text, at);
    const unsigned char first = text[at];
    const bool control = length == 1 && (first < 0x20 || first == 0x7F);
    const bool c1 = length == 2 && first == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    const bool shown = length > 0 && !control && !c1;
    if (out.size() + (shown ? length : 1) + 3 > max_bytes) return out + "...";
    out += shown ? text.substr(at, length) : std::string_view("?");
    at += length > 0 ? length : 1;
  }
  return out;
}

std::string FileName(const std::filesystem::path& path) {
  return Printable(path.filename().string(), 64);
}

std::string ListNames(const std::vector<std::string>& names, size_t max_bytes) {
  std::string out;
  size_t listed = 0;
  for (const std::string& name : names) {
    const std::string shown = Printable(name, 100);
    if (listed > 0 && out.size() + shown.size() + 2 > max_bytes) break;
    if (listed > 0) out += ", ";
    out += shown;
    ++listed;
  }
  if (listed < names.size()) out += " and " + std::to_string(names.size() - listed) + " more";
  return out;
}

}  // namespace deepcode
