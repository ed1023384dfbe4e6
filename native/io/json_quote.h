// A string as JSON.
#pragma once

#include <string>
#include <string_view>

namespace deepcode {

// In quotes, escaping only what RFC 8259 demands; UTF-8 is kept as it is and must be valid.
std::string JsonQuote(std::string_view text);

}  // namespace deepcode
