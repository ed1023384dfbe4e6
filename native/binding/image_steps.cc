#include "binding/image_steps.h"

#include <array>
#include <string>
#include <utility>

#include "binding/convert.h"
#include "binding/detail_steps.h"
#include "image/blur.h"
#include "image/color.h"
#include "image/geometry.h"
#include "image/noise.h"

namespace deepcode::binding {
namespace {

int Int(const Napi::Object& options, const char* name) {
  return static_cast<int>(IntField(options, name));
}

ImageStep Flip(const Napi::Object&) { return FlipHorizontal; }

// A step with one number.
template <void (*kAdjust)(RgbImage&, double)>
ImageStep Adjust(const Napi::Object& options) {
  return [factor = NumberField(options, "factor")](RgbImage& image) { kAdjust(image, factor); };
}

ImageStep Blur(const Napi::Object& options) {
  return [size = Int(options, "kernelSize"), sigma = NumberField(options, "sigma")](
             RgbImage& image) { GaussianBlur(image, size, sigma); };
}

ImageStep Noise(const Napi::Object& options) {
  const auto seed = static_cast<uint64_t>(IntField(options, "seed"));
  return [sigma = NumberField(options, "sigma"), seed](RgbImage& image) {
    AddGaussianNoise(image, sigma, seed);
  };
}

ImageStep Resize(const Napi::Object& options) {
  return [width = Int(options, "width"), height = Int(options, "height"),
          filter = FilterField(options, "filter")](RgbImage& image) {
    image = Resized(image, width, height, filter);
  };
}

ImageStep Crop(const Napi::Object& options) {
  const ResampleWindow crop = {Int(options, "left"), Int(options, "top"), Int(options, "width"),
                               Int(options, "height")};
  return [crop](RgbImage& image) { image = Cropped(image, crop, {0, 0, 0}); };
}

using Factory = ImageStep (*)(const Napi::Object&);
constexpr std::array<std::pair<const char*, Factory>, 19> kSteps = {{
    {"flip", Flip},
    {"brightness", Adjust<AdjustBrightness>},
    {"contrast", Adjust<AdjustContrast>},
    {"saturation", Adjust<AdjustSaturation>},
    {"hue", Adjust<AdjustHue>},
    {"blur", Blur},
    {"noise", Noise},
    {"resize", Resize},
    {"crop", Crop},
    {"sharpen", SharpenStep},
    {"removeWeakDetail", RemoveWeakDetailStep},
    {"bilateral", BilateralStep},
    {"median", MedianStep},
    {"bands", BandsStep},
    {"upsampling", UpsamplingStep},
    {"texture", TextureStep},
    {"channels", ChannelsStep},
    {"warp", WarpStep},
    {"masked", MaskedStep},
}};

constexpr std::array<std::pair<const char*, ResampleFilter>, 6> kFilters = {{
    {"nearest", ResampleFilter::kNearest},
    {"box", ResampleFilter::kBox},
    {"bilinear", ResampleFilter::kBilinear},
    {"hamming", ResampleFilter::kHamming},
    {"bicubic", ResampleFilter::kBicubic},
    {"lanczos", ResampleFilter::kLanczos},
}};

constexpr std::array<std::pair<const char*, PixelLayout>, 5> kLayouts = {{
    {"grey", PixelLayout::kGrey},
    {"greyAlpha", PixelLayout::kGreyAlpha},
    {"rgb", PixelLayout::kRgb},
    {"rgba", PixelLayout::kRgba},
    {"cmyk", PixelLayout::kCmyk},
}};

constexpr std::array<std::pair<const char*, SampleDepth>, 3> kDepths = {{
    {"8", SampleDepth::k8},
    {"16HighByte", SampleDepth::k16HighByte},
    {"16Clip", SampleDepth::k16Clip},
}};

template <class Table>
auto Lookup(const Table& table, const Napi::Object& options, const char* name) {
  const std::string wanted = StringField(options, name);
  for (const auto& [key, value] : table) {
    if (wanted == key) return value;
  }
  throw Napi::TypeError::New(options.Env(), "Unknown value for native option " + std::string(name));
}

}  // namespace

ResampleFilter FilterField(const Napi::Object& options, const char* name) {
  return Lookup(kFilters, options, name);
}

PixelLayout LayoutField(const Napi::Object& options, const char* name) {
  return Lookup(kLayouts, options, name);
}

SampleDepth DepthField(const Napi::Object& options, const char* name) {
  return Lookup(kDepths, options, name);
}

std::vector<ImageStep> ParseImageSteps(const Napi::Array& list) {
  std::vector<ImageStep> steps;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const auto options = static_cast<Napi::Value>(list[i]).As<Napi::Object>();
    steps.push_back(Lookup(kSteps, options, "op")(options));
  }
  return steps;
}

}  // namespace deepcode::binding
