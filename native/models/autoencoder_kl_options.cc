#include "models/autoencoder_kl_options.h"

#include <string>

#include "runtime/error.h"

namespace deepcode {
namespace {

[[noreturn]] void Refuse(const std::string& field, const std::string& expected) {
  throw Error(ErrorCode::kConfig, "Expected " + expected + " for the autoencoder's " + field + ".");
}

}  // namespace

void CheckAutoencoderKlOptions(const AutoencoderKlOptions& o) {
  if (o.block_out_channels.empty()) Refuse("block_out_channels", "at least one level");
  for (const int64_t width : {o.in_channels, o.out_channels, o.latent_channels, o.layers_per_block,
                              o.norm_num_groups, o.sample_size}) {
    if (width < 1) Refuse("widths and counts", "positive integers");
  }
  for (const int64_t width : o.block_out_channels) {
    if (width < 1 || width % o.norm_num_groups != 0) {
      Refuse("block_out_channels", "multiples of norm_num_groups " + std::to_string(o.norm_num_groups));
    }
  }
}

}  // namespace deepcode
