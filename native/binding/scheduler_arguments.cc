#include "binding/scheduler_arguments.h"

#include <initializer_list>
#include <string>
#include <utility>

#include "binding/convert.h"
#include "runtime/error.h"

namespace deepcode::binding {
namespace {

template <class E>
E ReadWord(const Napi::Object& object, const char* name,
           std::initializer_list<std::pair<const char*, E>> words) {
  const std::string given = StringField(object, name);
  for (const auto& [word, value] : words) {
    if (given == word) return value;
  }
  throw Error(ErrorCode::kConfig,
              std::string("Unknown ") + name + " of a scheduler: " + given.substr(0, 60) + ".");
}

std::optional<double> ReadOptional(const Napi::Object& object, const char* name) {
  if (!HasField(object, name)) return std::nullopt;
  return NumberField(object, name);
}

void ReadNoise(const Napi::Object& object, SchedulerConfig* config) {
  config->num_train_timesteps = IntField(object, "numTrainTimesteps");
  config->beta_start = NumberField(object, "betaStart");
  config->beta_end = NumberField(object, "betaEnd");
  config->beta_schedule =
      ReadWord<BetaSchedule>(object, "betaSchedule",
                             {{"linear", BetaSchedule::kLinear},
                              {"scaled_linear", BetaSchedule::kScaledLinear},
                              {"squaredcos_cap_v2", BetaSchedule::kSquaredcosCapV2}});
  config->trained_betas = NumberArrayField(object, "trainedBetas");
  config->rescale_betas_zero_snr = BoolField(object, "rescaleBetasZeroSnr");
  config->prediction_type =
      ReadWord<PredictionType>(object, "predictionType",
                               {{"epsilon", PredictionType::kEpsilon},
                                {"v_prediction", PredictionType::kVPrediction},
                                {"sample", PredictionType::kSample}});
}

void ReadSpacing(const Napi::Object& object, SchedulerConfig* config) {
  config->timestep_spacing = ReadWord<TimestepSpacing>(object, "timestepSpacing",
                                                       {{"leading", TimestepSpacing::kLeading},
                                                        {"linspace", TimestepSpacing::kLinspace},
                                                        {"trailing", TimestepSpacing::kTrailing}});
  config->steps_offset = IntField(object, "stepsOffset");
  config->sigma_spacing = ReadWord<SigmaSpacing>(object, "sigmaSpacing",
                                                 {{"timesteps", SigmaSpacing::kTimesteps},
                                                  {"karras", SigmaSpacing::kKarras},
                                                  {"exponential", SigmaSpacing::kExponential}});
  config->sigma_min = ReadOptional(object, "sigmaMin");
  config->sigma_max = ReadOptional(object, "sigmaMax");
  config->final_sigmas_type =
      ReadWord<FinalSigma>(object, "finalSigmasType",
                           {{"zero", FinalSigma::kZero}, {"sigma_min", FinalSigma::kSigmaMin}});
  config->log_linear_sigmas = BoolField(object, "logLinearSigmas");
  config->set_alpha_to_one = BoolField(object, "setAlphaToOne");
  config->original_inference_steps = IntField(object, "originalInferenceSteps");
  config->timestep_scaling = NumberField(object, "timestepScaling");
  config->lambda_min_clipped = NumberField(object, "lambdaMinClipped");
}

void ReadClipping(const Napi::Object& object, SchedulerConfig* config) {
  config->clip_sample = BoolField(object, "clipSample");
  config->clip_sample_range = NumberField(object, "clipSampleRange");
  config->thresholding = BoolField(object, "thresholding");
  config->dynamic_thresholding_ratio = NumberField(object, "dynamicThresholdingRatio");
  config->sample_max_value = NumberField(object, "sampleMaxValue");
}

void ReadSolver(const Napi::Object& object, SchedulerConfig* config) {
  config->eta = NumberField(object, "eta");
  config->skip_prk_steps = BoolField(object, "skipPrkSteps");
  config->solver_order = IntField(object, "solverOrder");
  config->solver_type = ReadWord<SolverType>(object, "solverType",
                                             {{"midpoint", SolverType::kMidpoint},
                                              {"heun", SolverType::kHeun},
                                              {"bh1", SolverType::kBh1},
                                              {"bh2", SolverType::kBh2}});
  config->stochastic = BoolField(object, "stochastic");
  config->lower_order_final = BoolField(object, "lowerOrderFinal");
  config->euler_at_final = BoolField(object, "eulerAtFinal");
  config->predict_x0 = BoolField(object, "predictX0");
  for (const double step : NumberArrayField(object, "disableCorrector")) {
    config->disable_corrector.push_back(static_cast<int64_t>(step));
  }
}

}  // namespace

SchedulerConfig ReadSchedulerConfig(const Napi::Object& object) {
  SchedulerConfig config{};
  config.name = StringField(object, "name");
  ReadNoise(object, &config);
  ReadSpacing(object, &config);
  ReadClipping(object, &config);
  ReadSolver(object, &config);
  return config;
}

}  // namespace deepcode::binding
