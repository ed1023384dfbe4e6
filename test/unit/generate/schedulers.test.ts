import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { MAX_MESSAGE_LENGTH } from '../../../ts/errors.js';
import { SCHEDULER_CLASSES } from '../../../ts/generate/scheduler-classes.js';
import {
  parseSchedulerConfig,
  readSchedulerJson,
  SCHEDULER_NAMES,
  schedulerNameOf,
  type SchedulerChoice,
} from '../../../ts/generate/schedulers.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const parse = (config: unknown, choice?: SchedulerChoice) => parseSchedulerConfig(config, 'scheduler_config.json', choice);

/** Stable Diffusion 1.5's. */
const SD15 = {
  _class_name: 'PNDMScheduler',
  _diffusers_version: '0.6.0',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
  clip_sample: false,
};

/** What diffusers saves for DPMSolverMultistepScheduler, beside the common fields. */
const DPM = { ...SD15, _class_name: 'DPMSolverMultistepScheduler', solver_type: 'midpoint', use_karras_sigmas: null };

describe('parseSchedulerConfig', () => {
  it("reads Stable Diffusion 1.5's config", () => {
    const config = parse(SD15);
    assert.equal(config.name, 'pndm');
    assert.equal(config.betaStart, 0.00085);
    assert.equal(config.betaSchedule, 'scaled_linear');
    assert.equal(config.stepsOffset, 1);
    assert.equal(config.skipPrkSteps, true);
    assert.equal(config.timestepSpacing, 'leading');
    assert.deepEqual(config.trainedBetas, []);
  });

  it('fills in the defaults of the class', () => {
    assert.equal(parse({ _class_name: 'PNDMScheduler' }).skipPrkSteps, false);
    assert.equal(parse({ _class_name: 'DDIMScheduler' }).clipSample, true);
    assert.equal(parse({ _class_name: 'EulerDiscreteScheduler' }).timestepSpacing, 'linspace');
    assert.equal(parse({ _class_name: 'HeunDiscreteScheduler' }).betaEnd, 0.012);
    assert.equal(parse({ _class_name: 'LCMScheduler' }).betaSchedule, 'scaled_linear');
    assert.equal(parse({ _class_name: 'UniPCMultistepScheduler' }).solverType, 'bh2');
    assert.equal(parse({ _class_name: 'DPMSolverMultistepScheduler' }).lambdaMinClipped, -Infinity);
  });

  it('keeps the noise schedule for another class, which brings its own spacing', () => {
    for (const name of SCHEDULER_NAMES) {
      const config = parse(SD15, { name });
      assert.deepEqual([config.betaStart, config.betaEnd, config.betaSchedule], [0.00085, 0.012, 'scaled_linear']);
      assert.equal(config.timestepSpacing, ['pndm', 'ddim', 'lcm'].includes(name) ? 'leading' : 'linspace', name);
    }
  });

  it('keeps a spacing that the config names, and takes one that the caller names', () => {
    const config = { ...SD15, timestep_spacing: 'trailing' };
    assert.equal(parse(config, { name: 'euler' }).timestepSpacing, 'trailing');
    assert.equal(parse(config, { name: 'euler', spacing: 'leading' }).timestepSpacing, 'leading');
  });

  it('reads another package class for a sampler of its own', () => {
    assert.equal(parse({ ...SD15, _class_name: 'DDPMScheduler' }, { name: 'ddim' }).name, 'ddim');
    assert.throws(() => parse({ ...SD15, _class_name: 'DDPMScheduler' }), { code: 'ERR_CONFIG' });
  });

  it('chooses the sigmas of DPM++ by name', () => {
    const karras = { ...DPM, use_karras_sigmas: true };
    assert.equal(parse(karras).sigmaSpacing, 'karras');
    assert.equal(parse(karras, { name: 'dpm++2m' }).sigmaSpacing, 'timesteps');
    assert.equal(parse(DPM, { name: 'dpm++2m-karras' }).sigmaSpacing, 'karras');
    assert.equal(parse({ ...DPM, use_exponential_sigmas: true }, { name: 'dpm++2m-karras' }).sigmaSpacing, 'karras');
  });

  it('puts a solver type of another class right', () => {
    assert.equal(parse(DPM, { name: 'unipc' }).solverType, 'bh2');
    assert.equal(parse({ ...DPM, solver_type: 'bh1' }).solverType, 'midpoint');
    assert.equal(parse({ ...DPM, solver_type: 'bh1' }, { name: 'unipc' }).solverType, 'bh1');
    assert.equal(parse({ ...DPM, algorithm_type: 'sde-dpmsolver++' }).stochastic, true);
  });

  it('corrects old configs for Stable Diffusion pipelines only', () => {
    const old = { _class_name: 'DDIMScheduler' };
    assert.deepEqual([parse(old).stepsOffset, parse(old).clipSample], [0, true]);
    const corrected = parse(old, { inPipeline: true });
    assert.deepEqual([corrected.stepsOffset, corrected.clipSample], [1, false]);
  });

  it('tolerates unknown fields and null for a default', () => {
    const config = { ...SD15, timestep_spacing: null, future: { a: 1 }, thresholding: 'not of this class' };
    assert.deepEqual(parse(config), parse(SD15));
  });

  it('names the known classes for an unknown one, in one short message', () => {
    for (const _class_name of ['FlowMatchEulerDiscreteScheduler', '__proto__', 'toString', 'x'.repeat(5000), 7, undefined]) {
      assert.throws(() => parse({ ...SD15, _class_name }), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'ERR_CONFIG');
        assert.match(error.message, /PNDMScheduler/);
        return error.message.length <= MAX_MESSAGE_LENGTH;
      });
    }
  });

  it('refuses what is not an object', () => {
    for (const config of [null, [], 'PNDMScheduler', 5]) assert.throws(() => parse(config), { code: 'ERR_CONFIG' });
  });

  const betas = (count: number, value: unknown): unknown[] => Array<unknown>(count).fill(value);
  const refused: [string, object][] = [
    ['betas that are not numbers', { beta_start: NaN }],
    ['infinite betas', { beta_end: Infinity }],
    ['betas of 0', { beta_start: 0 }],
    ['betas over 1', { beta_end: 1.5 }],
    ['negative betas', { beta_start: -0.001 }],
    ['betas as text', { beta_start: '0.00085' }],
    ['an unknown beta schedule', { beta_schedule: 'laplace' }],
    ['trained betas with NaN', { num_train_timesteps: 4, trained_betas: [0.1, NaN, 0.1, 0.1] }],
    ['trained betas of 0', { num_train_timesteps: 4, trained_betas: betas(4, 0) }],
    ['too few trained betas', { num_train_timesteps: 4, trained_betas: betas(3, 0.1) }],
    ['trained betas as text', { trained_betas: 'linear' }],
    ['no training timesteps', { num_train_timesteps: 0 }],
    ['half a training timestep', { num_train_timesteps: 10.5 }],
    ['a billion training timesteps', { num_train_timesteps: 1e9 }],
    ['a negative offset', { steps_offset: -1 }],
    ['an offset past the end', { steps_offset: 1001 }],
    ['an unknown spacing', { timestep_spacing: 'random' }],
    ['an unknown prediction type', { prediction_type: 'flow_prediction' }],
    ['a flag as text', { lower_order_final: 'yes' }],
    ['two spacings of sigmas', { use_karras_sigmas: true, use_exponential_sigmas: true }],
    ['sigmas of the beta distribution', { use_beta_sigmas: true }],
    ['sigmas of flow matching', { use_flow_sigmas: true }],
    ['bounds of sigma that cross', { sigma_min: 10, sigma_max: 0.1 }],
    ['a smallest sigma of 0', { sigma_min: 0 }],
    ['order 0', { solver_order: 0 }],
    ['order 4', { solver_order: 4 }],
    ['an SDE of order 3', { solver_order: 3, algorithm_type: 'sde-dpmsolver++' }],
    ['noise prediction by DPM-Solver', { algorithm_type: 'dpmsolver' }],
    ['an unknown solver type', { solver_type: 'rk4' }],
    ['learned variance', { variance_type: 'learned_range' }],
    ['a NaN bound of lambda', { lambda_min_clipped: NaN }],
    ['an endless bound of lambda', { lambda_min_clipped: Infinity }],
    ['a share over 1', { dynamic_thresholding_ratio: 1.1 }],
    ['a threshold of 0', { sample_max_value: 0 }],
  ];
  for (const [what, change] of refused) {
    it(`refuses ${what}`, () => {
      const config = { _class_name: 'DPMSolverMultistepScheduler', ...change };
      assert.throws(() => parse(config), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'ERR_CONFIG');
        assert.ok(error.message.startsWith('scheduler_config.json: '), error.message);
        assert.ok(Object.keys(change).some((name) => error.message.includes(name)), error.message);
        return true;
      });
    });
  }

  it('refuses wrong fields of the other classes', () => {
    const wrong = [
      { _class_name: 'LCMScheduler', original_inference_steps: 0 },
      { _class_name: 'LCMScheduler', original_inference_steps: 1001 },
      { _class_name: 'LCMScheduler', timestep_scaling: -1 },
      { _class_name: 'EulerDiscreteScheduler', interpolation_type: 'cubic' },
      { _class_name: 'EulerDiscreteScheduler', timestep_type: 'continuous', prediction_type: 'v_prediction' },
      { _class_name: 'UniPCMultistepScheduler', disable_corrector: [0.5] },
      { _class_name: 'UniPCMultistepScheduler', disable_corrector: 'all' },
      { _class_name: 'UniPCMultistepScheduler', solver_p: ['diffusers', 'DDIMScheduler'] },
      { _class_name: 'DDIMScheduler', clip_sample_range: 0 },
    ];
    for (const config of wrong) assert.throws(() => parse(config), { code: 'ERR_CONFIG' }, JSON.stringify(config));
  });

  it('throws TypeError for a wrong choice', () => {
    const wrong = [{ name: 'dpm' }, { spacing: 'random' }, { eta: NaN }, { eta: -0.1 }, { eta: 2 }, { eta: '1' }];
    for (const choice of wrong) assert.throws(() => parse(SD15, choice as SchedulerChoice), TypeError);
  });
});

describe('schedulerNameOf', () => {
  it('gives the name that chooses the same sampler', () => {
    for (const [_class_name, { name }] of Object.entries(SCHEDULER_CLASSES)) {
      assert.equal(schedulerNameOf({ _class_name }, 'x'), name);
    }
    assert.equal(schedulerNameOf({ ...DPM, use_karras_sigmas: true }, 'x'), 'dpm++2m-karras');
  });
});

describe('readSchedulerJson', () => {
  const inFolder = useTemporaryFolder();
  const read = async (text: string): Promise<unknown> => {
    const path = inFolder('scheduler_config.json');
    await writeFile(path, text);
    return readSchedulerJson(path, 'scheduler_config.json');
  };

  it('reads the infinities that Python writes', async () => {
    const config = await read('{"lambda_min_clipped": -Infinity, "a": Infinity, "text": "-Infinity \\" Infinity"}');
    assert.deepEqual(config, { lambda_min_clipped: -Infinity, a: Infinity, text: '-Infinity " Infinity' });
  });

  it('refuses other text and missing files', async () => {
    for (const text of ['', '{"a": NaN}', '{"a": Infinit}', '{', 'x'.repeat(10_000)]) {
      await assert.rejects(read(text), { code: 'ERR_CONFIG' });
    }
    await assert.rejects(readSchedulerJson(inFolder('none.json'), 'none.json'), { code: 'ERR_IO' });
  });
});
