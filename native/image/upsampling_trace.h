// What a decoder of a generative network leaves behind: a picture grown from a small one by
// repeated doubling. Uneven kernels of transposed convolutions give checkerboards (Odena, Dumoulin
// & Olah 2016, "Deconvolution and Checkerboard Artifacts"), smooth ones repeat the spectrum of the
// small picture (Durall et al. 2020, "Watch your Up-Convolution").
#pragma once

#include <vector>

#include "image/float_image.h"

namespace deepcode {

// Weights of a separable transposed convolution of stride 2: an even number of them, at least 2, of
// which those at even and those at odd places each sum to 1 where flat areas shall stay flat.
using UpsamplingTaps = std::vector<float>;

// Twice as wide and high; edge pixels are repeated outwards.
FloatImage Doubled(const FloatImage& image, const UpsamplingTaps& taps);

// `image` doubled once for each entry of `levels`.
FloatImage Grown(FloatImage image, const std::vector<UpsamplingTaps>& levels);

// The first `width` x `height` pixels.
FloatImage TopLeft(const FloatImage& image, int width, int height);

// Averages squares of 2^levels pixels, grows them again, and gives back a share `keep`, 0 to 1, of
// what that lost. levels: 1 to 3 in use.
void UpsamplingTrace(RgbImage& image, const std::vector<UpsamplingTaps>& levels, double keep);

}  // namespace deepcode
