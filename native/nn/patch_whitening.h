// An initial patch embedding that gives every direction of the training images' patches the same
// variance. Natural patches have almost all of theirs in a few smooth directions; under random weights
// the fine detail that tells generated images apart begins some thousand times weaker.
//
// Reference: Coates & Ng 2012, "Learning Feature Representations with K-means", section 2.1 (PCA
// whitening with a small constant added to the eigenvalues).
// Legend: mu, mean patch; C, covariance of patches; v_k, e_k, its eigenvectors and eigenvalues.
#pragma once

#include "nn/patch_embed.h"

namespace deepcode {

// Sets row k of the projection to v_k^T / sqrt(e_k + noise^2), largest e_k first, and its bias to
// -row . mu. Rows beyond the length of a patch keep what they have. patches [M, C * ph * pw], M >= 2, in
// normalised pixel units; noise: the standard deviation in these units below which detail is not raised
// further. Needs a bias. The same patches give the same weights. Throws ERR_SHAPE.
void WhitenPatches(PatchEmbed& embed, const at::Tensor& patches, double noise);

}  // namespace deepcode
