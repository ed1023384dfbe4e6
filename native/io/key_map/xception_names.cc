#include "io/key_map/xception_names.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace deepcode {
namespace {

constexpr std::string_view kAnchor = "block1.rep.0.conv1.weight";
constexpr std::string_view kFairAnchor = "encoder_f.block1.rep.0.conv1.weight";

// What stands before `anchor` in the file; empty where it is not there.
std::string PrefixOf(const std::vector<std::string>& stored, std::string_view anchor) {
  for (const std::string& name : stored) {
    if (!name.ends_with(anchor)) continue;
    const std::string prefix = name.substr(0, name.size() - anchor.size());
    if (prefix.empty() || prefix.ends_with('.')) return prefix;
  }
  return "";
}

std::string WithoutPrefix(const std::string& name, const std::string& prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

bool IsCounter(const std::string& name) { return name.ends_with(".num_batches_tracked"); }

std::string ClassifierName(const std::string& name) {
  for (const std::string_view old : {"last_linear.1.", "last_linear."}) {
    if (name.starts_with(old)) return "fc." + name.substr(old.size());
  }
  return name;
}

template <size_t N>
bool StartsWithAny(const std::string& name, const std::string_view (&prefixes)[N]) {
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool IsUnread(const std::string& name) {
  static constexpr std::string_view kUnread[] = {
      "block_fused.", "encoder_f.last_linear.", "encoder_c.last_linear.",
      "encoder_fair.last_linear."};
  return StartsWithAny(name, kUnread);
}

bool IsForTraining(const std::string& name) {
  static constexpr std::string_view kTraining[] = {
      "encoder_c.", "encoder_fair.", "con_gan.",  "head_spe.",
      "head_sha.",  "head_fair.",    "block_spe.", "block_fair."};
  return StartsWithAny(name, kTraining);
}

}  // namespace

TensorNames XceptionNames(const std::vector<std::string>& stored, bool adjusted) {
  const std::string prefix = PrefixOf(stored, kAnchor);
  TensorNames names;
  for (const std::string& name : stored) {
    const std::string inner = ClassifierName(WithoutPrefix(name, prefix));
    if (IsCounter(inner) || (!adjusted && inner.starts_with("adjust_channel."))) continue;
    names[inner].push_back(name);
  }
  return names;
}

TensorNames FairDetectorNames(const std::vector<std::string>& stored, bool prediction_only) {
  const std::string prefix = PrefixOf(stored, kFairAnchor);
  TensorNames names;
  for (const std::string& name : stored) {
    const std::string inner = WithoutPrefix(name, prefix);
    if (IsCounter(inner) || IsUnread(inner) || (prediction_only && IsForTraining(inner))) continue;
    names[inner].push_back(name);
  }
  return names;
}

}  // namespace deepcode
