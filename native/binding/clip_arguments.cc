#include "binding/clip_arguments.h"

#include <ATen/ops/from_blob.h>

#include <string>

#include "binding/convert.h"

namespace deepcode::binding {
namespace {

ClipEncoderOptions ReadEncoder(const Napi::Object& object) {
  return {.hidden_size = IntField(object, "hiddenSize"),
          .intermediate_size = IntField(object, "intermediateSize"),
          .num_hidden_layers = IntField(object, "numHiddenLayers"),
          .num_attention_heads = IntField(object, "numAttentionHeads"),
          .layer_norm_eps = NumberField(object, "layerNormEps"),
          .hidden_act = ParseActivation(StringField(object, "hiddenAct"))};
}

}  // namespace

ClipTextOptions ReadClipTextOptions(const Napi::Object& object) {
  return {.encoder = ReadEncoder(object),
          .vocab_size = IntField(object, "vocabSize"),
          .max_position_embeddings = IntField(object, "maxPositionEmbeddings"),
          .eos_token_id = IntField(object, "eosTokenId")};
}

SafetyCheckerOptions ReadSafetyCheckerOptions(const Napi::Object& object) {
  const Napi::Object vision = ObjectField(object, "vision");
  return {.vision = {.encoder = ReadEncoder(vision),
                     .image_size = IntField(vision, "imageSize"),
                     .patch_size = IntField(vision, "patchSize"),
                     .num_channels = IntField(vision, "numChannels")},
          .projection_dim = IntField(object, "projectionDim"),
          .concepts = IntField(object, "concepts"),
          .special_cares = IntField(object, "specialCares")};
}

at::Tensor ReadTokenIds(const Napi::Value& ids, const Napi::Value& count) {
  const ByteView bytes = Bytes(ids, "ids");
  const int64_t rows = count.As<Napi::Number>().Int64Value();
  const auto total = static_cast<int64_t>(bytes.size / sizeof(int32_t));
  if (rows < 1 || total < rows || total % rows != 0) {
    throw Napi::RangeError::New(ids.Env(), "Expected " + std::to_string(rows) +
                                               " equal rows of token ids but received " +
                                               std::to_string(total) + " ids");
  }
  return at::from_blob(const_cast<uint8_t*>(bytes.data), {rows, total / rows},
                       at::TensorOptions(at::kInt))
      .to(at::kLong);
}

}  // namespace deepcode::binding
