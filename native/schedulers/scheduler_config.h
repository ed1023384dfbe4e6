// What a scheduler is made from: the fields of diffusers' scheduler_config.json under their own
// names, plus `name` and `eta`. A class reads the fields that it knows. No defaults here:
// ts/generate/schedulers has those.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace deepcode {

enum class BetaSchedule { kLinear, kScaledLinear, kSquaredcosCapV2 };
enum class PredictionType { kEpsilon, kVPrediction, kSample };
enum class TimestepSpacing { kLeading, kLinspace, kTrailing };
// How the noise levels between the largest and the smallest one are spread.
enum class SigmaSpacing { kTimesteps, kKarras, kExponential };
enum class FinalSigma { kZero, kSigmaMin };
// The first two are of DPM++, the others of UniPC.
enum class SolverType { kMidpoint, kHeun, kBh1, kBh2 };

struct SchedulerConfig {
  std::string name;  // pndm ddim euler euler-ancestral dpm++2m heun lms unipc lcm

  // The noise that the network was trained with.
  int64_t num_train_timesteps;
  double beta_start;
  double beta_end;
  BetaSchedule beta_schedule;
  std::vector<double> trained_betas;  // empty: from the three above
  bool rescale_betas_zero_snr;
  PredictionType prediction_type;

  // Where the steps are.
  TimestepSpacing timestep_spacing;
  int64_t steps_offset;
  SigmaSpacing sigma_spacing;
  std::optional<double> sigma_min;  // of Karras and exponential spacing
  std::optional<double> sigma_max;
  FinalSigma final_sigmas_type;
  bool log_linear_sigmas;  // interpolation_type of Euler
  bool set_alpha_to_one;
  int64_t original_inference_steps;  // LCM
  double timestep_scaling;           // LCM

  // What is done to the predicted image.
  bool clip_sample;
  double clip_sample_range;
  bool thresholding;
  double dynamic_thresholding_ratio;
  double sample_max_value;

  // How a step is made.
  double eta;            // DDIM: 0 deterministic, 1 as DDPM
  bool skip_prk_steps;   // PNDM
  int64_t solver_order;  // DPM++, UniPC: 1 to 3
  SolverType solver_type;
  bool stochastic;  // algorithm_type of DPM++: dpmsolver++ (false) or sde-dpmsolver++
  bool lower_order_final;
  bool euler_at_final;
  bool predict_x0;                         // UniPC
  std::vector<int64_t> disable_corrector;  // UniPC: step numbers
  double lambda_min_clipped;               // DPM++: log-SNR below which no step starts; -Inf: none
};

}  // namespace deepcode
