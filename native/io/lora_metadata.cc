#include "io/lora_metadata.h"

#include "io/json.h"
#include "io/printable.h"
#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr const char* kMetadataKey = "lora_adapter_metadata";

// null where PEFT has no value.
template <typename Read>
void ReadUnlessNull(JsonReader& reader, Read read) {
  if (reader.Peek() == 'n') {
    reader.ReadNull();
  } else {
    read();
  }
}

void ReadLayerAlphas(JsonReader& reader, LoraSettings* settings) {
  reader.ReadObject(
      [&](std::string layer) { settings->layer_alphas[std::move(layer)] = reader.ReadDouble(); });
}

void ReadSetting(JsonReader& reader, const std::string& name, LoraSettings* settings) {
  ReadUnlessNull(reader, [&] {
    if (name == "lora_alpha") {
      settings->alpha = reader.ReadDouble();
    } else if (name == "use_rslora") {
      settings->rank_stabilized = reader.ReadBool();
    } else if (name == "alpha_pattern") {
      ReadLayerAlphas(reader, settings);
    } else {
      reader.SkipValue();
    }
  });
}

}  // namespace

LoraSettings ReadLoraSettings(const std::map<std::string, std::string>& metadata,
                              std::string_view network, const std::string& file) {
  LoraSettings settings;
  const auto found = metadata.find(kMetadataKey);
  if (found == metadata.end()) return settings;
  const std::string prefix = std::string(network) + ".";
  try {
    JsonReader reader(found->second);
    reader.ReadObject([&](std::string name) {
      const bool own = name.starts_with(prefix);
      ReadSetting(reader, own ? name.substr(prefix.size()) : std::string(), &settings);
    });
    reader.Finish();
  } catch (const JsonError& error) {
    throw Error(ErrorCode::kWeightsFormat, "The " + std::string(kMetadataKey) + " of " +
                                               Printable(file, 64) +
                                               " cannot be read: " + error.what() + ".");
  }
  return settings;
}

}  // namespace deepcode
