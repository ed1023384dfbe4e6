#include "binding/gpt2_arguments.h"

#include "binding/convert.h"

namespace deepcode::binding {

Gpt2Options ReadGpt2Options(const Napi::Object& object) {
  return {.vocab_size = IntField(object, "vocabSize"),
          .n_positions = IntField(object, "nPositions"),
          .n_embd = IntField(object, "nEmbd"),
          .n_layer = IntField(object, "nLayer"),
          .n_head = IntField(object, "nHead"),
          .n_inner = IntField(object, "nInner"),
          .layer_norm_epsilon = NumberField(object, "layerNormEpsilon"),
          .activation = ParseActivation(StringField(object, "activation"))};
}

}  // namespace deepcode::binding
