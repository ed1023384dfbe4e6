// Reconstruction of a real/fake pair from its own and from each other's forgery features.
//
// Paper: Lin et al. 2024, "Preserving Fairness Generalization in Deepfake Detection": the image that
// the content and demographic features come from must come back, whichever image of the pair the forgery
// features come from. L = sum of the four mean absolute errors.
#pragma once

#include <ATen/core/Tensor.h>

namespace deepcode {

// Images made of the features of a batch of pairs, each [P, C, H, W].
struct Reconstructions {
  at::Tensor self_real;   // content and forgery of the real image
  at::Tensor self_fake;   // content and forgery of the fake image
  at::Tensor cross_real;  // content of the real image, forgery of the fake one
  at::Tensor cross_fake;  // content of the fake image, forgery of the real one
};

// images [2P, C, H, W], P real ones before P fake ones -> scalar in fp32. Throws ERR_SHAPE.
at::Tensor ReconstructionLoss(const at::Tensor& images, const Reconstructions& made);

}  // namespace deepcode
