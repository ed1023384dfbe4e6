#include "binding/vit_arguments.h"

#include "binding/convert.h"
#include "runtime/error.h"

namespace deepcode::binding {
namespace {

Pool ReadPool(const std::string& name) {
  if (name == "token") return Pool::kToken;
  if (name == "avg") return Pool::kAvg;
  if (name == "max") return Pool::kMax;
  if (name == "avgmax") return Pool::kAvgMax;
  throw Error(ErrorCode::kConfig,
              "Expected token, avg, max or avgmax for globalPool but received '" + name + "'.");
}

void ReadShape(const Napi::Object& object, VitOptions* options) {
  options->image_height = IntField(object, "imageHeight");
  options->image_width = IntField(object, "imageWidth");
  options->patch_height = IntField(object, "patchHeight");
  options->patch_width = IntField(object, "patchWidth");
  options->in_channels = IntField(object, "inChannels");
  options->num_classes = IntField(object, "numClasses");
  options->embed_dim = IntField(object, "embedDim");
  options->depth = IntField(object, "depth");
  options->num_heads = IntField(object, "numHeads");
  options->mlp_ratio = NumberField(object, "mlpRatio");
  options->reg_tokens = IntField(object, "regTokens");
  options->representation_size = IntField(object, "representationSize");
}

void ReadSwitches(const Napi::Object& object, VitOptions* options) {
  options->qkv_bias = BoolField(object, "qkvBias");
  options->proj_bias = BoolField(object, "projBias");
  options->qk_norm = BoolField(object, "qkNorm");
  options->scale_attn_norm = BoolField(object, "scaleAttnNorm");
  options->scale_mlp_norm = BoolField(object, "scaleMlpNorm");
  options->class_token = BoolField(object, "classToken");
  options->pos_embed = BoolField(object, "posEmbed");
  options->no_embed_class = BoolField(object, "noEmbedClass");
  options->pre_norm = BoolField(object, "preNorm");
  options->final_norm = BoolField(object, "finalNorm");
  options->fc_norm = BoolField(object, "fcNorm");
  options->pool_include_prefix = BoolField(object, "poolIncludePrefix");
  options->distilled = BoolField(object, "distilled");
}

void ReadStem(const Napi::Object& object, VitOptions* options) {
  options->stem_activation = ParseActivation(StringField(object, "stemActivation"));
  const Napi::Array layers = Field(object, "stem").As<Napi::Array>();
  for (uint32_t i = 0; i < layers.Length(); ++i) {
    const Napi::Object layer = layers.Get(i).As<Napi::Object>();
    options->stem.push_back({IntField(layer, "channels"), IntField(layer, "kernel"),
                             IntField(layer, "stride"), IntField(layer, "padding")});
  }
}

}  // namespace

VitOptions ReadVitOptions(const Napi::Object& object) {
  VitOptions options{};
  ReadShape(object, &options);
  ReadSwitches(object, &options);
  options.global_pool = ReadPool(StringField(object, "globalPool"));
  if (HasField(object, "initValues")) options.init_values = NumberField(object, "initValues");
  options.norm_eps = NumberField(object, "normEps");
  options.activation = ParseActivation(StringField(object, "activation"));
  ReadStem(object, &options);
  CheckVitOptions(options);
  return options;
}

AdapterOptions ReadAdapterOptions(const Napi::Object& object) {
  AdapterOptions options{};
  const Napi::Array layers = Field(object, "layers").As<Napi::Array>();
  for (uint32_t i = 0; i < layers.Length(); ++i) {
    const Napi::Object layer = layers.Get(i).As<Napi::Object>();
    options.layers.push_back(
        {StringField(layer, "name"), IntField(layer, "rank"), NumberField(layer, "scale")});
  }
  options.dropout = NumberField(object, "dropout");
  options.modules_to_save = StringArrayField(object, "modulesToSave");
  return options;
}

ImageBatch ReadImages(const Napi::Value& images, const Napi::Value& count, const VitOptions& vit) {
  return ReadImages(images, count, ImageShape{vit.in_channels, vit.image_height, vit.image_width});
}

ImageBatch ReadImages(const Napi::Value& images, const Napi::Value& count, const ImageShape& shape) {
  const ByteView bytes = Bytes(images, "images");
  const int64_t number = count.As<Napi::Number>().Int64Value();
  const int64_t each = shape.height * shape.width * shape.channels;
  if (number >= 1 && bytes.size == static_cast<size_t>(number * each)) return {bytes.data, number};
  throw Napi::RangeError::New(images.Env(), "Expected " + std::to_string(each) +
                                                " bytes for each of " + std::to_string(number) +
                                                " images but received " + std::to_string(bytes.size) +
                                                " bytes");
}

}  // namespace deepcode::binding
