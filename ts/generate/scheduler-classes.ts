/**
 * diffusers' scheduler classes: the name that each has here and the fields that it takes, with its defaults. A field
 * that a class does not list is ignored in its config, as diffusers ignores it.
 */

export type SchedulerDefaults = Readonly<Record<string, unknown>>;

/** Fields of every class; spacing and betas differ from class to class. */
const TRAINING: SchedulerDefaults = {
  num_train_timesteps: 1000,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: 'linear',
  trained_betas: null,
  prediction_type: 'epsilon',
  steps_offset: 0,
};

const LATENT_BETAS: SchedulerDefaults = { beta_start: 0.00085, beta_end: 0.012 };
const LEADING: SchedulerDefaults = { timestep_spacing: 'leading' };
const LINSPACE: SchedulerDefaults = { timestep_spacing: 'linspace' };
const ZERO_SNR: SchedulerDefaults = { rescale_betas_zero_snr: false };
const CLIPPING: SchedulerDefaults = { clip_sample: false, clip_sample_range: 1 };
const THRESHOLDING: SchedulerDefaults = {
  thresholding: false,
  dynamic_thresholding_ratio: 0.995,
  sample_max_value: 1,
};
const SIGMAS: SchedulerDefaults = {
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_beta_sigmas: false,
  sigma_min: null,
  sigma_max: null,
};
const FLOW: SchedulerDefaults = { use_flow_sigmas: false, use_dynamic_shifting: false };

/** By the name in `_class_name`. */
export const SCHEDULER_CLASSES = {
  PNDMScheduler: {
    name: 'pndm',
    defaults: { ...TRAINING, ...LEADING, skip_prk_steps: false, set_alpha_to_one: false },
  },
  DDIMScheduler: {
    name: 'ddim',
    defaults: {
      ...TRAINING, ...LEADING, ...ZERO_SNR, ...CLIPPING, ...THRESHOLDING, clip_sample: true, set_alpha_to_one: true,
    },
  },
  EulerDiscreteScheduler: {
    name: 'euler',
    defaults: {
      ...TRAINING, ...LINSPACE, ...ZERO_SNR, ...SIGMAS,
      interpolation_type: 'linear', timestep_type: 'discrete', final_sigmas_type: 'zero',
    },
  },
  EulerAncestralDiscreteScheduler: {
    name: 'euler-ancestral',
    defaults: { ...TRAINING, ...LINSPACE, ...ZERO_SNR },
  },
  DPMSolverMultistepScheduler: {
    name: 'dpm++2m',
    defaults: {
      ...TRAINING, ...LINSPACE, ...ZERO_SNR, ...THRESHOLDING, ...SIGMAS, ...FLOW,
      solver_order: 2, algorithm_type: 'dpmsolver++', solver_type: 'midpoint', lower_order_final: true,
      euler_at_final: false, use_lu_lambdas: false, final_sigmas_type: 'zero', lambda_min_clipped: -Infinity,
      variance_type: null,
    },
  },
  HeunDiscreteScheduler: {
    name: 'heun',
    defaults: { ...TRAINING, ...LATENT_BETAS, ...LINSPACE, ...CLIPPING, ...SIGMAS },
  },
  LMSDiscreteScheduler: {
    name: 'lms',
    defaults: { ...TRAINING, ...LINSPACE, ...SIGMAS },
  },
  UniPCMultistepScheduler: {
    name: 'unipc',
    defaults: {
      ...TRAINING, ...LINSPACE, ...ZERO_SNR, ...THRESHOLDING, ...SIGMAS, ...FLOW,
      solver_order: 2, predict_x0: true, solver_type: 'bh2', lower_order_final: true, disable_corrector: [],
      solver_p: null, final_sigmas_type: 'zero',
    },
  },
  LCMScheduler: {
    name: 'lcm',
    defaults: {
      ...TRAINING, ...LATENT_BETAS, ...LEADING, ...ZERO_SNR, ...CLIPPING, ...THRESHOLDING,
      beta_schedule: 'scaled_linear', original_inference_steps: 50, set_alpha_to_one: true, timestep_scaling: 10,
    },
  },
} as const satisfies Record<string, { name: string; defaults: SchedulerDefaults }>; // prettier-ignore

export type SchedulerClass = keyof typeof SCHEDULER_CLASSES;

/** What a class computes with that does not list the field. */
export const WITHOUT_FIELD: SchedulerDefaults = {
  ...TRAINING, ...LEADING, ...ZERO_SNR, ...CLIPPING, ...THRESHOLDING, ...SIGMAS, ...FLOW,
  interpolation_type: 'linear', timestep_type: 'discrete', final_sigmas_type: 'zero', set_alpha_to_one: true,
  original_inference_steps: 1, timestep_scaling: 1, skip_prk_steps: true, solver_order: 1, solver_type: 'midpoint',
  algorithm_type: 'dpmsolver++', lower_order_final: true, euler_at_final: false, predict_x0: true,
  disable_corrector: [], lambda_min_clipped: -Infinity, use_lu_lambdas: false, variance_type: null, solver_p: null,
}; // prettier-ignore

/** Fields whose other values change the numbers; these values are what this package computes. */
export const FIXED_FIELDS: Readonly<Record<string, readonly unknown[]>> = {
  use_beta_sigmas: [false],
  use_lu_lambdas: [false],
  use_flow_sigmas: [false],
  use_dynamic_shifting: [false],
  variance_type: [null],
  solver_p: [null],
};
