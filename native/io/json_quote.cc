#include "io/json_quote.h"

namespace deepcode {

std::string JsonQuote(std::string_view text) {
  static constexpr std::string_view kSpecial = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char character : text) {
    if (const size_t i = kSpecial.find(character); i != std::string_view::npos) {
      out += {'\\', kLetters[i]};
    } else if (static_cast<unsigned char>(character) < 0x20) {
      out += {'\\', 'u', '0', '0', kHex[character >> 4], kHex[character & 15]};
    } else {
      out.push_back(character);
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace deepcode
