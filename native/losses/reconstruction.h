// Reconstruction of a real/fake pair from its own and from each other's forgery features.
//
// Paper: Lin et al. 2024, "Preserving Fairness Generalization in Deepfake Detection": the image
// that the content and demographic features come from must come back, whichever image of the pair
// the forgery features come from. L = sum of four mean absolute errors: the
// reals and the fakes, each from its own and from its partner's forgery features.
#pragma once

#include <ATen/core/Tensor.h>

namespace deepcode {

// images [2P, C, H, W]; self and cross of the same shape, made of each image's content with its own
// or its partner's forgery features -> scalar in fp32. Throws ERR_SHAPE.
at::Tensor ReconstructionLoss(const at::Tensor& images, const at::Tensor& self,
                              const at::Tensor& cross);

}  // namespace deepcode
