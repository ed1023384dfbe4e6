#include "io/key_map/keras_layers.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>
#include <string_view>

#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr int64_t kMaxNumber = 1'000'000;

struct LayerKey {
  std::string_view kind;   // "conv2d"; empty where the layer keeps its name
  int64_t number;          // 0 where it has none
  std::string_view layer;  // "conv2d_14"
  std::string_view parameter;
};

// Keras 1 wrote convolution2d_1.
std::string_view KindOf(std::string_view name) {
  if (name == "conv2d" || name == "convolution2d") return "conv2d";
  return name == "dense" ? "dense" : "";
}

LayerKey Parse(std::string_view key) {
  const size_t dot = key.rfind('.');
  if (dot == std::string_view::npos) return {"", 0, key, ""};
  const std::string_view layer = key.substr(0, dot), parameter = key.substr(dot + 1);
  const std::string_view unnumbered = KindOf(layer);
  if (!unnumbered.empty()) return {unnumbered, 0, layer, parameter};
  const size_t line = layer.rfind('_');
  if (line == std::string_view::npos) return {"", 0, layer, parameter};
  const std::string_view digits = layer.substr(line + 1);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool numbered = error == std::errc() && end == digits.data() + digits.size() && number >= 0;
  if (!numbered || number > kMaxNumber) return {"", 0, layer, parameter};
  return {KindOf(layer.substr(0, line)), number, layer, parameter};
}

std::string ParameterName(std::string_view parameter) {
  return parameter == "kernel" ? "weight" : std::string(parameter);
}

void RequirePyTorchLayout(const MappedWeights& weights) {
  const auto& metadata = weights.metadata();
  const auto layout = metadata.find("kernel_layout");
  if (layout == metadata.end() || layout->second == "pytorch") return;
  throw Error(ErrorCode::kWeightsFormat,
              Printable(weights.file(), 64) +
                  " has Keras's layout. Convert the .h5 file again with --layout pytorch.");
}

}  // namespace

MappedWeights KerasLayerView(const MappedWeights& weights) {
  RequirePyTorchLayout(weights);
  const std::vector<std::string> keys = weights.Names();
  std::map<std::string_view, std::map<int64_t, int64_t>> places;  // kind -> number -> place
  for (const std::string& key : keys) {
    const LayerKey parsed = Parse(key);
    if (!parsed.kind.empty()) places[parsed.kind][parsed.number] = 0;
  }
  for (auto& [kind, numbers] : places) {
    int64_t place = 0;
    for (auto& [number, value] : numbers) value = ++place;
  }
  TensorNames names;
  for (const std::string& key : keys) {
    const LayerKey parsed = Parse(key);
    const std::string layer =
        parsed.kind.empty()
            ? std::string(parsed.layer)
            : std::string(parsed.kind) + "_" + std::to_string(places[parsed.kind][parsed.number]);
    const std::string name =
        parsed.parameter.empty() ? layer : layer + "." + ParameterName(parsed.parameter);
    if (!names.try_emplace(name, std::vector<std::string>{key}).second) {
      throw Error(ErrorCode::kWeightsUnexpected,
                  Printable(weights.file(), 64) + " holds " + Printable(key) + " twice.");
    }
  }
  return weights.Renamed(names);
}

int64_t KerasLayerOutputs(const MappedWeights& weights, const std::string& layer,
                          const std::vector<int64_t>& inputs) {
  const std::string name = layer + ".weight";
  const std::vector<int64_t>& shape = weights.Info(name).shape;
  if (shape.size() == inputs.size() + 1 && shape[0] > 0 &&
      std::equal(inputs.begin(), inputs.end(), shape.begin() + 1)) {
    return shape[0];
  }
  std::ostringstream message;
  message << "Expected [outputs, " << at::IntArrayRef(inputs) << "] for " << Printable(name)
          << " but received " << at::IntArrayRef(shape) << " in " << Printable(weights.file(), 64)
          << ". It is another network.";
  throw Error(ErrorCode::kWeightsShape, message.str());
}

}  // namespace deepcode
