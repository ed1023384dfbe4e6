// A diffusion sampler: where to ask the network for the noise, and what to make of the answer. The
// interface is diffusers' one with positions in timesteps() in place of the timesteps themselves,
// because PNDM and Heun visit a timestep more than once.
//
// Arithmetic is in fp32 whatever the network's dtype is; a result has the dtype of `sample`, so a
// caller that keeps its latents in fp32 loses nothing between steps.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <vector>

#include "schedulers/scheduler_config.h"

namespace deepcode {

// Standard normal values shaped as `like`. The caller draws them, image by image from the image's
// generator.
using NoiseSource = std::function<at::Tensor(const at::Tensor& like)>;

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // Plans `steps` steps and forgets every earlier one. Throws ERR_CONFIG.
  virtual void SetTimesteps(int64_t steps) = 0;

  // What the network is told at each of its calls; longer than `steps` for PNDM and Heun, and not
  // whole for samplers that work on sigmas.
  const std::vector<double>& timesteps() const { return timesteps_; }

  // The standard deviation that the first latents need, after SetTimesteps.
  virtual double init_noise_sigma() const { return 1.0; }

  // What the network is given in place of `sample` [N, ...] at timesteps()[index].
  at::Tensor ScaleInput(const at::Tensor& sample, int64_t index) const;

  // From the network's output at timesteps()[index] to the next sample. `index` rises by one from
  // call to call and starts at 0 or at FirstIndex(). `noise` is called by the samplers that add
  // noise.
  at::Tensor Step(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                  const NoiseSource& noise);

  // `original` with the noise of timesteps()[index]: where image-to-image starts.
  at::Tensor AddNoise(const at::Tensor& original, const at::Tensor& noise, int64_t index) const;

  // Where image-to-image starts: the last floor(strength * steps) of the steps are run.
  int64_t FirstIndex(int64_t steps, double strength) const;

 protected:
  std::vector<double> timesteps_;

 private:
  void CheckIndex(int64_t index) const;

  // As the public ones, with fp32 tensors and a checked index.
  virtual at::Tensor DoScaleInput(const at::Tensor& sample, int64_t) const { return sample; }
  virtual at::Tensor DoStep(const at::Tensor& model_output, int64_t index, const at::Tensor& sample,
                            const NoiseSource& noise) = 0;
  virtual at::Tensor DoAddNoise(const at::Tensor& original, const at::Tensor& noise,
                                int64_t index) const = 0;

  // Calls of the network in one step; how far apart in timesteps() two steps are.
  virtual int64_t order() const { return 1; }
};

// Throws ERR_CONFIG for an unknown name and for values that the class cannot work with.
std::unique_ptr<Scheduler> MakeScheduler(const SchedulerConfig& config);

}  // namespace deepcode
