// Layers of a Keras file by their order instead of their names.
#pragma once

#include <string>
#include <vector>

#include "io/mapped_weights.h"

namespace deepcode {

// Keras numbers layers of one kind through a whole session: a model's first convolution may be
// conv2d, conv2d_1 or conv2d_14, and is loaded by its place among the others. The same data with
// convolutions (conv2d_1.weight, conv2d_1.bias, conv2d_2.weight, ...) and dense layers (dense_1.*)
// numbered from one; names without such a number stay. `file` must be the output of a conversion
// with PyTorch's layout. Throws ERR_WEIGHTS_FORMAT for Keras's own layout, ERR_WEIGHTS_UNEXPECTED
// for two layers of one number.
MappedWeights KerasLayerView(const MappedWeights& weights);

// How many outputs `layer` has: the first size of its weight, the others of which must be `inputs`:
// channels, height and width of a convolution, features of a dense layer. Throws
// ERR_WEIGHTS_MISSING, ERR_WEIGHTS_SHAPE.
int64_t KerasLayerOutputs(const MappedWeights& weights, const std::string& layer,
                          const std::vector<int64_t>& inputs);

}  // namespace deepcode
