// A trainer's state as one .safetensors file: what a resumed run needs to continue bit for bit.
//   model.<parameter>                    trained parameters, fp32
//   buffer.<buffer>                      what training changes without a gradient, fp32
//   optimizer.<moment>.<parameter>       the optimiser's moments
//   optimizer.steps                      int64
//   generator                            the random generator's state, bytes
#pragma once

#include <ATen/core/Generator.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "optim/optimizer.h"
#include "runtime/cancel.h"

namespace deepcode {

struct TrainerState {
  const std::vector<OptimizedParameter>& parameters;
  std::vector<std::pair<std::string, at::Tensor>> buffers;  // such as running statistics, fp32
  Optimizer& optimizer;
  at::Generator& generator;
};

// Throws ERR_IO.
void SaveTrainerState(const std::filesystem::path& path, const TrainerState& state,
                      const std::map<std::string, std::string>& metadata);

// Checks every name, dtype and shape before anything is changed, and returns the metadata. Throws
// ERR_IO, ERR_WEIGHTS_*; Cancelled.
std::map<std::string, std::string> RestoreTrainerState(const std::filesystem::path& path,
                                                       const TrainerState& state,
                                                       const CancelToken& cancel);

}  // namespace deepcode
