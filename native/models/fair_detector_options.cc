#include "models/fair_detector_options.h"

#include <string>

#include "runtime/error.h"

namespace deepcode {
namespace {

constexpr int64_t kReduction = 32;
constexpr int64_t kMinSide = 64;  // 2 x 2 maps: a variance needs two positions

void Require(bool holds, const std::string& rule) {
  if (holds) return;
  throw Error(ErrorCode::kConfig, "The fair detector's configuration needs " + rule + ".");
}

bool Fits(int64_t side) { return side >= kMinSide && side % kReduction == 0; }

bool IsRate(double rate) { return rate >= 0 && rate < 1; }

}  // namespace

void CheckFairDetectorOptions(const FairDetectorOptions& o) {
  Require(Fits(o.image_height) && Fits(o.image_width),
          "an image size that is a multiple of 32 and at least 64 pixels");
  Require(o.specific_classes == 0 || o.specific_classes >= 2, "no or at least 2 specific classes");
  Require(o.groups >= 2, "at least 2 groups");
  Require(IsRate(o.head_dropout) && IsRate(o.decoder_dropout), "dropout rates of 0 to below 1");
  CheckXceptionOptions(o.encoder());
}

}  // namespace deepcode
