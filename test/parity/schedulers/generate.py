"""Makes the fixtures of schedulers.test.ts: trajectories of diffusers' schedulers around a fixed function in place of
a network. The function, the first sample and the noise are computed alike in the test, so a trajectory is stored as
its timesteps, one number a call and the last sample. Needs torch, diffusers and scipy.

    python test/parity/schedulers/generate.py
"""
import importlib
import json
from pathlib import Path

import diffusers
import numpy as np
import torch

HERE = Path(__file__).resolve().parent
SHAPE = (2, 3, 1, 1)
STEPS = (3, 8, 25)
SPACINGS = ("leading", "linspace", "trailing")
LATENT = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
COSINE = {"beta_schedule": "squaredcos_cap_v2"}

MODULES = {
    "PNDMScheduler": "scheduling_pndm",
    "DDIMScheduler": "scheduling_ddim",
    "EulerDiscreteScheduler": "scheduling_euler_discrete",
    "EulerAncestralDiscreteScheduler": "scheduling_euler_ancestral_discrete",
    "DPMSolverMultistepScheduler": "scheduling_dpmsolver_multistep",
    "HeunDiscreteScheduler": "scheduling_heun_discrete",
    "LMSDiscreteScheduler": "scheduling_lms_discrete",
    "UniPCMultistepScheduler": "scheduling_unipc_multistep",
    "LCMScheduler": "scheduling_lcm",
}
NO_SAMPLE_PREDICTION = ("PNDMScheduler", "EulerAncestralDiscreteScheduler")


def network(sample, timestep):
    """Near the identity, as noise prediction is at high noise; in double precision, rounded once."""
    x = sample.double().numpy()
    value = 0.9 * x + 0.1 * x / (1 + np.abs(x)) + 0.05 * timestep / 1000
    return torch.from_numpy(value.astype(np.float32))


def pseudo_noise(draw):
    """What stands for the draw-th tensor of normal values."""
    values = [((draw * 7919 + i * 104729 + 12345) % 1000) / 400 - 1.25 for i in range(6)]
    return torch.tensor(values, dtype=torch.float64).float().reshape(SHAPE)


class Noise:
    """Takes the place of a scheduler module's randn_tensor."""

    def __init__(self):
        self.draws = 0

    def __call__(self, shape, **_):
        self.draws += 1
        return pseudo_noise(self.draws)


def start(scheduler, steps, strength):
    """The first sample and the timesteps to visit, as the pipelines make them."""
    scheduler.set_timesteps(steps)
    if strength is None:
        return pseudo_noise(0) * scheduler.init_noise_sigma, scheduler.timesteps, 0
    first = max(steps - min(int(steps * strength), steps), 0) * scheduler.order
    if hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(first)
    timesteps = scheduler.timesteps[first:]
    return scheduler.add_noise(pseudo_noise(0), pseudo_noise(999), timesteps[:1]), timesteps, first


def run(class_name, config, steps, strength=None, eta=None):
    module = importlib.import_module(f"diffusers.schedulers.{MODULES[class_name]}")
    module.randn_tensor = Noise()
    scheduler = getattr(diffusers, class_name).from_config(dict(config))
    sample, timesteps, first = start(scheduler, steps, strength)
    extra = {} if eta is None else {"eta": eta}
    path = []
    for timestep in timesteps:
        output = network(scheduler.scale_model_input(sample, timestep), float(timestep))
        sample = scheduler.step(output, timestep, sample, **extra).prev_sample
        path.append(sample.flatten()[0])
    assert torch.isfinite(sample).all(), (class_name, config, steps)
    return {
        "steps": steps,
        **({} if strength is None else {"strength": strength, "first": first}),
        **({} if eta is None else {"eta": eta}),
        "initNoiseSigma": number(scheduler.init_noise_sigma),
        "timesteps": [number(t) for t in scheduler.timesteps],
        "path": [number(value) for value in path],
        "final": [number(value) for value in sample.flatten()],
    }


def number(value):
    """The shortest decimal of the fp32 value."""
    value = float(value)
    return int(value) if value.is_integer() else float(str(np.float32(value)))


def cases_of(class_name, config, steps=STEPS, **how):
    return [{"config": {"_class_name": class_name, **config}, **run(class_name, config, n, **how)} for n in steps]


def grid(class_name):
    """Every spacing with every prediction type."""
    cases = []
    for spacing in SPACINGS:
        for prediction in ("epsilon", "v_prediction", "sample"):
            if prediction == "sample" and class_name in NO_SAMPLE_PREDICTION:
                continue
            config = {**LATENT, "timestep_spacing": spacing, "prediction_type": prediction}
            if class_name == "PNDMScheduler":
                config["skip_prk_steps"] = True
            eta = 0.3 if class_name == "DDIMScheduler" and spacing == "linspace" else None
            cases += cases_of(class_name, config, eta=eta)
    return cases


def image_to_image(class_name, **config):
    return [case for strength in (0.3, 0.75) for case in cases_of(class_name, {**LATENT, **config}, (8,), strength=strength)]


ZERO_SNR = {**LATENT, "rescale_betas_zero_snr": True, "timestep_spacing": "trailing", "prediction_type": "v_prediction"}
V = {"prediction_type": "v_prediction"}
TRAINED = {"num_train_timesteps": 50, "trained_betas": [round(0.001 + 0.0004 * i, 4) for i in range(50)]}


def extras():
    """Beyond the grid: every other field that changes the numbers."""
    pndm, ddim, euler, ancestral, dpm, heun, lms, unipc, lcm = MODULES
    yield "pndm", [
        *cases_of(pndm, LATENT, (8, 25)),
        *cases_of(pndm, {**LATENT, **V, "timestep_spacing": "trailing"}, (4, 25)),
        *cases_of(pndm, {**LATENT, "skip_prk_steps": True, "steps_offset": 1, "set_alpha_to_one": True}, (1, 2, 8)),
        *cases_of(pndm, {**COSINE, "skip_prk_steps": True}, (8,)),
        *cases_of(pndm, {**TRAINED, "skip_prk_steps": True}, (8,)),
        *image_to_image(pndm, skip_prk_steps=True, steps_offset=1),
        *image_to_image(pndm),
    ]
    yield "ddim", [
        *cases_of(ddim, {}, (8,)),
        *cases_of(ddim, {**LATENT, "steps_offset": 1, "set_alpha_to_one": False, "clip_sample": False}, (1, 8), eta=1.0),
        *cases_of(ddim, {**LATENT, "clip_sample_range": 2.5}, (8,)),
        *cases_of(ddim, {**LATENT, "thresholding": True, "dynamic_thresholding_ratio": 0.8, "sample_max_value": 1.5}, (8,)),
        *cases_of(ddim, {**ZERO_SNR, "clip_sample": False}, (8, 25)),
        *cases_of(ddim, {**COSINE, "clip_sample": False}, (8,)),
        *cases_of(ddim, {**TRAINED, "clip_sample": False}, (8,)),
        *image_to_image(ddim, clip_sample=False),
    ]
    yield "euler", [
        *cases_of(euler, {}, (1, 8)),
        *cases_of(euler, {**LATENT, "use_karras_sigmas": True}),
        *cases_of(euler, {**LATENT, "use_karras_sigmas": True, "sigma_min": 0.1, "sigma_max": 10.0}, (8,)),
        *cases_of(euler, {**LATENT, "use_exponential_sigmas": True, "steps_offset": 1, "timestep_spacing": "leading"}, (8,)),
        *cases_of(euler, {**LATENT, "interpolation_type": "log_linear", "final_sigmas_type": "sigma_min"}, (8,)),
        *cases_of(euler, {**LATENT, "interpolation_type": "log_linear", "use_karras_sigmas": True}, (8,)),
        *cases_of(euler, ZERO_SNR, (8,)),
        *cases_of(euler, COSINE, (8,)),
        *image_to_image(euler),
    ]
    yield "euler-ancestral", [
        *cases_of(ancestral, {**LATENT, "steps_offset": 1, "timestep_spacing": "leading"}, (1, 8)),
        *cases_of(ancestral, ZERO_SNR, (8,)),
        *image_to_image(ancestral),
    ]
    yield "dpm++2m", [
        *cases_of(dpm, {}, (1, 2, 8, 14, 15)),
        *cases_of(dpm, {**LATENT, "solver_order": 1}, (8,)),
        *cases_of(dpm, {**LATENT, "solver_order": 3}),
        *cases_of(dpm, {**LATENT, "solver_order": 3, "lower_order_final": False, "final_sigmas_type": "sigma_min"}, (8,)),
        *cases_of(dpm, {**LATENT, "solver_type": "heun"}, (8, 25)),
        *cases_of(dpm, {**LATENT, "solver_type": "bh2", "algorithm_type": "deis", "final_sigmas_type": "sigma_min"}, (8,)),
        *cases_of(dpm, {**LATENT, "euler_at_final": True, "final_sigmas_type": "sigma_min"}, (8, 25)),
        *cases_of(dpm, {**LATENT, "final_sigmas_type": "sigma_min"}, (25,)),
        *cases_of(dpm, {**LATENT, "algorithm_type": "sde-dpmsolver++"}),
        *cases_of(dpm, {**LATENT, "algorithm_type": "sde-dpmsolver++", "solver_type": "heun", **V}, (25,)),
        *cases_of(dpm, {**LATENT, "thresholding": True, "sample_max_value": 2.0}, (8,)),
        *cases_of(dpm, {**COSINE, "lambda_min_clipped": -5.1, "timestep_spacing": "leading"}, (8,)),
        *cases_of(dpm, {**COSINE, "lambda_min_clipped": -5.1}, (8,)),
        *cases_of(dpm, ZERO_SNR, (8,)),
        *image_to_image(dpm),
    ]
    yield "dpm++2m-karras", [
        *[case for spacing in SPACINGS for case in cases_of(dpm, {**LATENT, "use_karras_sigmas": True, "timestep_spacing": spacing})],
        *cases_of(dpm, {**LATENT, **V, "use_karras_sigmas": True}),
        *cases_of(dpm, {**LATENT, "prediction_type": "sample", "use_karras_sigmas": True}),
        *cases_of(dpm, {**LATENT, "use_exponential_sigmas": True}, (8,)),
        *cases_of(dpm, {**LATENT, "use_karras_sigmas": True, "sigma_min": 0.1, "sigma_max": 10.0}, (8,)),
        *image_to_image(dpm, use_karras_sigmas=True),
    ]
    yield "heun", [
        *cases_of(heun, {}, (1, 8)),
        *cases_of(heun, {"use_karras_sigmas": True}, (8,)),
        *cases_of(heun, {"use_exponential_sigmas": True, "clip_sample": True, "clip_sample_range": 1.5}, (8,)),
        *image_to_image(heun),
    ]
    yield "lms", [
        *cases_of(lms, {}, (1, 8)),
        *cases_of(lms, {**LATENT, "use_karras_sigmas": True}, (8, 25)),
        *cases_of(lms, {**LATENT, "use_exponential_sigmas": True}, (8,)),
        *image_to_image(lms),
    ]
    yield "unipc", [
        *cases_of(unipc, {}, (1, 2, 8)),
        *cases_of(unipc, {**LATENT, "solver_order": 1}, (8,)),
        *cases_of(unipc, {**LATENT, "solver_order": 3}),
        *cases_of(unipc, {**LATENT, "solver_order": 3, "lower_order_final": False, "final_sigmas_type": "sigma_min"}, (8,)),
        *cases_of(unipc, {**LATENT, "solver_type": "bh1", "final_sigmas_type": "sigma_min"}, (8, 25)),
        *cases_of(unipc, {**LATENT, "solver_type": "midpoint"}, (8,)),
        *cases_of(unipc, {**LATENT, "predict_x0": False, "final_sigmas_type": "sigma_min"}, (8, 25)),
        *cases_of(unipc, {**LATENT, **V, "predict_x0": False, "final_sigmas_type": "sigma_min"}, (8,)),
        *cases_of(unipc, {**LATENT, "disable_corrector": [0, 1]}, (8,)),
        *cases_of(unipc, {**LATENT, "use_karras_sigmas": True}),
        *cases_of(unipc, {**LATENT, "use_karras_sigmas": True, "final_sigmas_type": "sigma_min"}, (8,)),
        *cases_of(unipc, {**LATENT, "use_exponential_sigmas": True}, (8,)),
        *cases_of(unipc, {**LATENT, "thresholding": True, "sample_max_value": 2.0}, (8,)),
        *cases_of(unipc, ZERO_SNR, (8,)),
        *image_to_image(unipc),
    ]
    yield "lcm", [
        *cases_of(lcm, {}, (1, 4)),
        *cases_of(lcm, {"original_inference_steps": 100, "clip_sample": True}, (4, 7)),
        *cases_of(lcm, {"timestep_scaling": 0.01, "thresholding": True}, (8,)),
        *cases_of(lcm, {"rescale_betas_zero_snr": True, **V}, (4,)),
        *image_to_image(lcm),
    ]


# The scheduler of Stable Diffusion 1.5 as it was published, and one of 2.1.
PUBLISHED = {
    "sd15": {
        "_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0", "beta_end": 0.012, "beta_schedule": "scaled_linear",
        "beta_start": 0.00085, "num_train_timesteps": 1000, "set_alpha_to_one": False, "skip_prk_steps": True,
        "steps_offset": 1, "trained_betas": None, "clip_sample": False,
    },
    "sd21": {
        "_class_name": "DDIMScheduler", "_diffusers_version": "0.8.0", "beta_end": 0.012, "beta_schedule": "scaled_linear",
        "beta_start": 0.00085, "clip_sample": False, "num_train_timesteps": 1000, "prediction_type": "v_prediction",
        "set_alpha_to_one": False, "skip_prk_steps": True, "steps_offset": 1, "trained_betas": None,
    },
}


def switched():
    """A published config for every class."""
    return [
        {"config": config, "className": class_name, **run(class_name, config, 8)}
        for config in PUBLISHED.values()
        for class_name in MODULES
    ]


def write(name, cases):
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (HERE / f"{name}.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    names = ("pndm", "ddim", "euler", "euler-ancestral", "dpm++2m", "heun", "lms", "unipc", "lcm")
    grids = dict(zip(names, map(grid, MODULES)))
    for name, cases in extras():
        write(name, grids.get(name, []) + cases)
    write("switched", switched())
