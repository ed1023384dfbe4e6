// Pieces of names, for key maps from the original code of Stable Diffusion to diffusers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace deepcode::names {

struct Pair {
  std::string_view original;
  std::string_view diffusers;
};

using Name = std::optional<std::string>;

// Takes `prefix` off the front of the text; false: it does not begin so.
bool Consume(std::string_view* text, std::string_view prefix);

// Takes a number and its dot off the front: "12.".
std::optional<int64_t> ConsumeIndex(std::string_view* text);

// The first name of the table that `name` begins with, replaced, and what follows it.
template <typename Table>
std::optional<std::pair<std::string, std::string_view>> Replace(const Table& table,
                                                                std::string_view name) {
  for (const auto& [original, diffusers] : table) {
    if (Consume(&name, original)) return {{std::string(diffusers), name}};
  }
  return std::nullopt;
}

// As Replace, put together again.
template <typename Table>
Name ReplaceStart(const Table& table, std::string_view name) {
  const auto found = Replace(table, name);
  return found ? Name(found->first + std::string(found->second)) : std::nullopt;
}

// "down_blocks.1.resnets.0."
std::string Block(const char* direction, int64_t block, const char* kind, int64_t layer);

}  // namespace deepcode::names
