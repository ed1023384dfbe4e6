// Text that came out of a file, made fit for an error message.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace deepcode {

// Control characters and bytes that are not UTF-8 become '?'; text over `max_bytes` is cut on a
// character boundary and ends in "...".
std::string Printable(std::string_view text, size_t max_bytes = 80);

// The last component of a path, printable. Messages name a file without its folder.
std::string FileName(const std::filesystem::path& path);

// "a, b and 3 more": as many names as fit into `max_bytes`, at least one.
std::string ListNames(const std::vector<std::string>& names, size_t max_bytes = 160);

}  // namespace deepcode
