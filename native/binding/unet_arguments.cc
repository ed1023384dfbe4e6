#include "binding/unet_arguments.h"

#include <vector>

#include "binding/convert.h"

namespace deepcode::binding {
namespace {

std::vector<int64_t> IntegersField(const Napi::Object& object, const char* name) {
  const std::vector<double> numbers = NumberArrayField(object, name);
  return {numbers.begin(), numbers.end()};
}

// 0 and 1 stand for false and true, as in any array of JS booleans that was made a number.
std::vector<bool> SwitchesField(const Napi::Object& object, const char* name) {
  const std::vector<double> numbers = NumberArrayField(object, name);
  return {numbers.begin(), numbers.end()};
}

UnetMiddle ReadMiddle(const std::string& name) {
  if (name == "cross-attention") return UnetMiddle::kCrossAttention;
  return name == "plain" ? UnetMiddle::kPlain : UnetMiddle::kNone;
}

void ReadLevels(const Napi::Object& object, UnetOptions* options) {
  options->down_cross_attention = SwitchesField(object, "downCrossAttention");
  options->up_cross_attention = SwitchesField(object, "upCrossAttention");
  options->block_out_channels = IntegersField(object, "blockOutChannels");
  options->layers_per_block = IntegersField(object, "layersPerBlock");
  options->cross_attention_dim = IntegersField(object, "crossAttentionDim");
  options->transformer_layers_per_block = IntegersField(object, "transformerLayersPerBlock");
  options->num_attention_heads = IntegersField(object, "numAttentionHeads");
  options->only_cross_attention = SwitchesField(object, "onlyCrossAttention");
}

void ReadEmbedding(const Napi::Object& object, UnetOptions* options) {
  options->flip_sin_to_cos = BoolField(object, "flipSinToCos");
  options->freq_shift = NumberField(object, "freqShift");
  options->time_scale_shift = BoolField(object, "timeScaleShift");
  options->time_embedding_dim = IntField(object, "timeEmbeddingDim");
  options->time_cond_proj_dim = IntField(object, "timeCondProjDim");
}

}  // namespace

UnetOptions ReadUnetOptions(const Napi::Object& object) {
  UnetOptions options{};
  ReadLevels(object, &options);
  ReadEmbedding(object, &options);
  options.in_channels = IntField(object, "inChannels");
  options.out_channels = IntField(object, "outChannels");
  options.center_input_sample = BoolField(object, "centerInputSample");
  options.mid_block = ReadMiddle(StringField(object, "midBlock"));
  options.downsample_padding = IntField(object, "downsamplePadding");
  options.mid_block_scale_factor = NumberField(object, "midBlockScaleFactor");
  options.act_fn = ParseActivation(StringField(object, "actFn"));
  options.norm_num_groups = IntField(object, "normNumGroups");
  options.norm_eps = NumberField(object, "normEps");
  options.conv_in_kernel = IntField(object, "convInKernel");
  options.conv_out_kernel = IntField(object, "convOutKernel");
  CheckUnetOptions(options);
  return options;
}

}  // namespace deepcode::binding
