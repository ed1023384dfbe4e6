#include "binding/detail_steps.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "binding/convert.h"
#include "binding/image_steps.h"
#include "image/band_gain.h"
#include "image/bilateral.h"
#include "image/color.h"
#include "image/mask.h"
#include "image/median.h"
#include "image/sharpen.h"
#include "image/synthetic_texture.h"
#include "image/upsampling_trace.h"
#include "image/warp.h"

namespace deepcode::binding {
namespace {

uint64_t SeedField(const Napi::Object& options) {
  return static_cast<uint64_t>(IntField(options, "seed"));
}

// Exactly kCount numbers.
template <size_t kCount>
std::array<double, kCount> Numbers(const Napi::Object& options, const char* name) {
  const std::vector<double> values = NumberArrayField(options, name);
  if (values.size() != kCount) {
    throw Napi::TypeError::New(options.Env(), "Wrong length of option " + std::string(name));
  }
  std::array<double, kCount> result;
  std::copy(values.begin(), values.end(), result.begin());
  return result;
}

std::vector<float> Floats(const Napi::Object& options, const char* name) {
  const std::vector<double> values = NumberArrayField(options, name);
  return {values.begin(), values.end()};
}

// Each level is an object with its taps.
std::vector<UpsamplingTaps> LevelsField(const Napi::Object& options) {
  const auto list = Field(options, "levels").As<Napi::Array>();
  std::vector<UpsamplingTaps> levels;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    levels.push_back(Floats(static_cast<Napi::Value>(list[i]).As<Napi::Object>(), "taps"));
    const bool valid = !levels.back().empty() && levels.back().size() % 2 == 0;
    if (!valid) throw Napi::TypeError::New(options.Env(), "Taps come in pairs.");
  }
  return levels;
}

using MaskMaker = std::function<FloatImage(int width, int height)>;

MaskMaker RandomMaskOf(const Napi::Object& options) {
  const int cells = static_cast<int>(IntField(options, "cells"));
  return [cells, seed = SeedField(options)](int width, int height) {
    return RandomMask(width, height, cells, seed);
  };
}

MaskMaker EllipseMaskOf(const Napi::Object& options) {
  Ellipse ellipse;
  ellipse.center_x = NumberField(options, "centerX");
  ellipse.center_y = NumberField(options, "centerY");
  ellipse.radius_x = NumberField(options, "radiusX");
  ellipse.radius_y = NumberField(options, "radiusY");
  ellipse.steepness = NumberField(options, "steepness");
  ellipse.opacity = NumberField(options, "opacity");
  return [ellipse](int width, int height) { return EllipseMask(width, height, ellipse); };
}

MaskMaker MaskField(const Napi::Object& options) {
  const Napi::Object mask = ObjectField(options, "mask");
  return StringField(mask, "kind") == "random" ? RandomMaskOf(mask) : EllipseMaskOf(mask);
}

}  // namespace

ImageStep SharpenStep(const Napi::Object& options) {
  return [sigma = NumberField(options, "sigma"),
          amount = NumberField(options, "amount")](RgbImage& image) {
    Sharpen(image, sigma, amount);
  };
}

ImageStep RemoveWeakDetailStep(const Napi::Object& options) {
  return [sigma = NumberField(options, "sigma"),
          threshold = NumberField(options, "threshold")](RgbImage& image) {
    RemoveWeakDetail(image, sigma, threshold);
  };
}

ImageStep BilateralStep(const Napi::Object& options) {
  return [sigma = NumberField(options, "sigma"),
          tolerance = NumberField(options, "tolerance")](RgbImage& image) {
    BilateralFilter(image, sigma, tolerance);
  };
}

ImageStep MedianStep(const Napi::Object& options) {
  const int size = static_cast<int>(IntField(options, "size"));
  return [size](RgbImage& image) { MedianFilter(image, size); };
}

ImageStep BandsStep(const Napi::Object& options) {
  return [luma = Numbers<kLumaBands>(options, "luma"),
          chroma = NumberField(options, "chroma")](RgbImage& image) {
    ScaleBands(image, luma, chroma);
  };
}

ImageStep UpsamplingStep(const Napi::Object& options) {
  return [levels = LevelsField(options), keep = NumberField(options, "keep")](RgbImage& image) {
    UpsamplingTrace(image, levels, keep);
  };
}

ImageStep TextureStep(const Napi::Object& options) {
  SyntheticTexture texture;
  texture.levels = LevelsField(options);
  texture.grain = Floats(options, "grain");
  texture.grain.resize(texture.levels.size());
  texture.common = NumberField(options, "common");
  texture.noise_sigma = NumberField(options, "noiseSigma");
  texture.detail_sigma = NumberField(options, "detailSigma");
  texture.keep = NumberField(options, "keep");
  texture.amount = NumberField(options, "amount");
  texture.seed = SeedField(options);
  return [texture](RgbImage& image) { ReplaceTexture(image, texture); };
}

ImageStep ChannelsStep(const Napi::Object& options) {
  return [gains = Numbers<3>(options, "gains"),
          offsets = Numbers<3>(options, "offsets")](RgbImage& image) {
    AdjustChannels(image, gains, offsets);
  };
}

ImageStep WarpStep(const Napi::Object& options) {
  return [matrix = Numbers<6>(options, "matrix")](RgbImage& image) { Warp(image, matrix); };
}

ImageStep MaskedStep(const Napi::Object& options) {
  auto steps = ParseImageSteps(Field(options, "steps").As<Napi::Array>());
  return [mask = MaskField(options), steps = std::move(steps)](RgbImage& image) {
    const RgbImage original = image;
    Augment(steps, image);
    ShowUnderMask(original, mask(image.width, image.height), image);
  };
}

}  // namespace deepcode::binding
