// The network that a trainer starts from, and which of its parameters are trained.
#pragma once

#include <memory>

#include "models/vit.h"
#include "optim/optimizer.h"
#include "pipelines/trainer_spec.h"
#include "runtime/cancel.h"

namespace deepcode {

// Random or loaded weights with the adapter attached, on the device, in fp32. Parameters that are not
// trained do not require gradients and may be views of the file. The generator is a CPU one.
// Throws ERR_WEIGHTS_*, ERR_CONFIG; Cancelled.
std::shared_ptr<Vit> BuildTrainerNetwork(const TrainerSpec& spec, const at::Generator& generator,
                                         const CancelToken& cancel);

// The parameters that require gradients, in registration order.
std::vector<OptimizedParameter> TrainedParameters(const Vit& vit);

std::unique_ptr<Optimizer> MakeOptimizer(const OptimizerSpec& spec,
                                         std::vector<OptimizedParameter> parameters);

}  // namespace deepcode
