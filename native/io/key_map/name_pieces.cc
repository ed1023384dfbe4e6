#include "io/key_map/name_pieces.h"

#include <charconv>

namespace deepcode::names {

bool Consume(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

std::optional<int64_t> ConsumeIndex(std::string_view* text) {
  int64_t index = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), index);
  const auto digits = static_cast<size_t>(end - text->data());
  if (error != std::errc() || digits > 4 || index < 0) return std::nullopt;
  if (digits >= text->size() || (*text)[digits] != '.') return std::nullopt;
  text->remove_prefix(digits + 1);
  return index;
}

std::string Block(const char* direction, int64_t block, const char* kind, int64_t layer) {
  return std::string(direction) + "_blocks." + std::to_string(block) + "." + kind + "." +
         std::to_string(layer) + ".";
}

}  // namespace deepcode::names
