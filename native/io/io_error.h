// One wording for every failed system call on a file.
#pragma once

#include <filesystem>
#include <string_view>

namespace deepcode {

// Throws kIo: "Cannot <action> <path>: <reason>", with what to do where that is known.
// `action` is an infinitive, `code` an errno value. Long paths lose their beginning.
[[noreturn]] void ThrowIo(std::string_view action, const std::filesystem::path& path, int code);

}  // namespace deepcode
