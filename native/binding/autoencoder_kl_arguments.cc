#include "binding/autoencoder_kl_arguments.h"

#include <vector>

#include "binding/convert.h"

namespace deepcode::binding {

AutoencoderKlOptions ReadAutoencoderKlOptions(const Napi::Object& object) {
  const std::vector<double> widths = NumberArrayField(object, "blockOutChannels");
  const AutoencoderKlOptions options{
      .in_channels = IntField(object, "inChannels"),
      .out_channels = IntField(object, "outChannels"),
      .latent_channels = IntField(object, "latentChannels"),
      .block_out_channels = {widths.begin(), widths.end()},
      .layers_per_block = IntField(object, "layersPerBlock"),
      .act_fn = ParseActivation(StringField(object, "actFn")),
      .norm_num_groups = IntField(object, "normNumGroups"),
      .sample_size = IntField(object, "sampleSize"),
      .use_quant_conv = BoolField(object, "useQuantConv"),
      .use_post_quant_conv = BoolField(object, "usePostQuantConv"),
      .mid_block_add_attention = BoolField(object, "midBlockAddAttention")};
  CheckAutoencoderKlOptions(options);
  return options;
}

VaeTiling ReadVaeTiling(const Napi::Object& object) {
  return {.slicing = BoolField(object, "slicing"), .tiling = BoolField(object, "tiling")};
}

}  // namespace deepcode::binding
