#include "binding/xception_arguments.h"

#include "binding/convert.h"

namespace deepcode::binding {

XceptionOptions ReadXceptionOptions(const Napi::Object& object) {
  const XceptionOptions options{.in_channels = IntField(object, "inChannels"),
                                .num_classes = IntField(object, "numClasses"),
                                .adjust_channels = IntField(object, "adjustChannels"),
                                .width = NumberField(object, "width")};
  CheckXceptionOptions(options);
  return options;
}

FairDetectorOptions ReadFairDetectorOptions(const Napi::Object& object) {
  const FairDetectorOptions options{.in_channels = IntField(object, "inChannels"),
                                    .image_height = IntField(object, "imageHeight"),
                                    .image_width = IntField(object, "imageWidth"),
                                    .specific_classes = IntField(object, "specificClasses"),
                                    .groups = IntField(object, "groups"),
                                    .width = NumberField(object, "width"),
                                    .head_dropout = NumberField(object, "headDropout"),
                                    .decoder_dropout = NumberField(object, "decoderDropout")};
  CheckFairDetectorOptions(options);
  return options;
}

}  // namespace deepcode::binding
