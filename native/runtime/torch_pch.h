// Precompiled for the core: parsing libtorch's headers is most of a source file's compile time.
#pragma once

#include <torch/torch.h>
