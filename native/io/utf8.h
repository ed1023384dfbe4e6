// UTF-8 by the table of RFC 3629: no overlong forms, no surrogates, nothing over U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace deepcode {

// Bytes of the character at text[at], or 0 where no well-formed character starts there.
inline size_t Utf8Length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto tail = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(at), second = byte(at + 1);
  if (at >= text.size()) return 0;
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !tail(at + 1)) return 0;
  if (first < 0xE0) return 2;
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if (!tail(at + 2)) return 0;
  if (first < 0xF0) return 3;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return tail(at + 3) ? 4 : 0;
}

// Appends one code point; the caller has ruled surrogates out.
inline void AppendUtf8(std::string* out, uint32_t code) {
  const auto put = [&](uint32_t bits) { out->push_back(static_cast<char>(bits)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

}  // namespace deepcode
