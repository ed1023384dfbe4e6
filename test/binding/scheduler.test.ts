/** Samplers step by step: what they refuse, and that a plan starts afresh. */
import assert from 'node:assert/strict';
import { makeScheduler, type Scheduler } from '../../ts/generate/scheduler.js';
import type { SchedulerChoice } from '../../ts/generate/schedulers.js';
import { assertClose } from '../support/closeness.js';

const LATENT = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };
const PNDM = { _class_name: 'PNDMScheduler', skip_prk_steps: true, ...LATENT };
const EULER = { _class_name: 'EulerDiscreteScheduler', ...LATENT };

const SAMPLE: Float32Array = Float32Array.of(0.5, -1, 0.25, 2);
const NOISE: Float32Array = Float32Array.of(-0.3, 0.1, 1.2, -0.8);

const open: Scheduler[] = [];

async function make(config: object, choice?: SchedulerChoice): Promise<Scheduler> {
  const scheduler = await makeScheduler(config, choice);
  open.push(scheduler);
  return scheduler;
}

async function planned(config: object, steps: number): Promise<Scheduler> {
  const scheduler = await make(config);
  await scheduler.setTimesteps(steps);
  return scheduler;
}

/** A run with the sample itself as the network's output. */
async function run(scheduler: Scheduler, steps: number, sample = SAMPLE, noise = NOISE, count = 1): Promise<Float32Array> {
  await scheduler.setTimesteps(steps);
  let latents: Float32Array = sample;
  for (let i = 0; i < scheduler.timesteps.length; i++) {
    latents = await scheduler.step(await scheduler.scaleInput(latents, i, count), i, latents, noise, count);
  }
  return latents;
}

const pairOf = (values: Float32Array): Float32Array => Float32Array.of(...values, ...values.map((x) => 1 - x));

describe('Scheduler', () => {
  afterEach(() => open.splice(0).forEach((scheduler) => scheduler.dispose()));

  for (const name of ['pndm', 'dpm++2m', 'heun', 'lms', 'unipc', 'euler-ancestral', 'ddim', 'lcm'] as const) {
    it(`#setTimesteps forgets what ${name} has seen`, async () => {
      const scheduler = await make(PNDM, { name });
      const first = await run(scheduler, 5);
      await scheduler.setTimesteps(7);
      await scheduler.step(SAMPLE, 0, SAMPLE, NOISE);
      assert.deepEqual(await run(scheduler, 5), first);
    });

    it(`#step gives ${name}'s sample in a batch as it gives it alone`, async () => {
      const scheduler = await make(PNDM, { name });
      const batch = await run(scheduler, 4, pairOf(SAMPLE), pairOf(NOISE), 2);
      assertClose(batch.subarray(0, 4), await run(scheduler, 4), 1e-6);
    });
  }

  it('#setTimesteps plans exactly as many steps as it is asked for', async () => {
    for (const timestep_spacing of ['leading', 'linspace', 'trailing']) {
      const scheduler = await make({ ...EULER, timestep_spacing });
      for (const steps of [1, 2, 61, 103, 999, 1000]) {
        await scheduler.setTimesteps(steps);
        assert.equal(scheduler.timesteps.length, steps);
        assert.ok(scheduler.timesteps.every((t, i) => t >= 0 && t <= 999 && (i === 0 || t < scheduler.timesteps[i - 1]!)));
      }
    }
  });

  it('#setTimesteps rejects more steps than there are training timesteps, and goes on working', async () => {
    for (const [config, steps, allowed] of [
      [{ ...PNDM, num_train_timesteps: 50 }, 51, 50],
      [EULER, 1001, 1000],
      [{ _class_name: 'LCMScheduler' }, 51, 50],
    ] as const) {
      const scheduler = await make(config);
      await assert.rejects(scheduler.setTimesteps(steps), { code: 'ERR_CONFIG', message: new RegExp(`1 to ${allowed} steps.*${steps}`) });
      await scheduler.setTimesteps(allowed);
      assert.ok(scheduler.timesteps.length >= allowed);
    }
  });

  it('#setTimesteps throws for steps that are no count', async () => {
    const scheduler = await make(EULER);
    for (const steps of [0, -1, 1.5, NaN, Infinity]) assert.throws(() => scheduler.setTimesteps(steps), RangeError);
    assert.throws(() => scheduler.setTimesteps('3' as unknown as number), TypeError);
  });

  it('#setTimesteps rejects what a class cannot plan', async () => {
    const refused: [object, number, RegExp][] = [
      [{ ...PNDM, skip_prk_steps: false }, 3, /at least 4 steps/],
      [{ ...PNDM, steps_offset: 1000 }, 5, /steps_offset/],
      [{ _class_name: 'DDIMScheduler', steps_offset: 1 }, 1000, /steps_offset/],
      [{ _class_name: 'DPMSolverMultistepScheduler', ...LATENT }, 1000, /same noise level/],
      [{ _class_name: 'UniPCMultistepScheduler', ...LATENT, timestep_spacing: 'leading' }, 1000, /same noise level/],
    ];
    for (const [config, steps, message] of refused) {
      const scheduler = await make(config);
      await assert.rejects(scheduler.setTimesteps(steps), { code: 'ERR_CONFIG', message });
    }
  });

  it('#step rejects a position outside of the plan, and noise that is missing', async () => {
    const fresh = await make(EULER);
    await assert.rejects(fresh.step(SAMPLE, 0, SAMPLE), { code: 'ERR_CONFIG' });
    const scheduler = await planned({ ...EULER, _class_name: 'EulerAncestralDiscreteScheduler' }, 3);
    await assert.rejects(scheduler.step(SAMPLE, 3, SAMPLE, NOISE), { code: 'ERR_CONFIG', message: /below 3.*received 3/ });
    await assert.rejects(scheduler.step(SAMPLE, 0, SAMPLE), { code: 'ERR_CONFIG', message: /noise/ });
    assert.equal((await scheduler.step(SAMPLE, 0, SAMPLE, NOISE)).length, 4);
  });

  it('#step throws for arrays that do not fit', async () => {
    const scheduler = await planned(EULER, 3);
    assert.throws(() => scheduler.step(SAMPLE, 0, SAMPLE.subarray(1)), RangeError);
    assert.throws(() => scheduler.step(SAMPLE, 0, SAMPLE, NOISE.subarray(1)), RangeError);
    assert.throws(() => scheduler.step(SAMPLE, 0, SAMPLE, NOISE, 3), RangeError);
    assert.throws(() => scheduler.step([0, 1] as unknown as Float32Array, 0, SAMPLE), TypeError);
    assert.throws(() => scheduler.step(SAMPLE, -1, SAMPLE), RangeError);
    assert.throws(() => scheduler.scaleInput(new Float32Array(0), 0), RangeError);
  });

  it('#firstIndex counts positions, two a step for Heun', async () => {
    const euler = await make(EULER);
    const heun = await make(EULER, { name: 'heun' });
    assert.deepEqual([0, 0.3, 0.75, 1].map((strength) => euler.firstIndex(8, strength)), [8, 6, 2, 0]);
    assert.equal(heun.firstIndex(8, 0.75), 4);
    assert.throws(() => euler.firstIndex(8, NaN), TypeError);
    assert.throws(() => euler.firstIndex(8, 1.1), TypeError);
  });

  it('#dispose is idempotent; later calls reject', async () => {
    const scheduler = await planned(EULER, 3);
    scheduler.dispose();
    scheduler.dispose();
    await assert.rejects(scheduler.step(SAMPLE, 0, SAMPLE), { code: 'ERR_DISPOSED' });
    await assert.rejects(scheduler.setTimesteps(3), { code: 'ERR_DISPOSED' });
  });
});

describe('makeScheduler', () => {
  it('rejects what the class does not work with', async () => {
    const refused = [
      { ...PNDM, prediction_type: 'sample' },
      { ...EULER, _class_name: 'EulerAncestralDiscreteScheduler', prediction_type: 'sample' },
      { ...EULER, _class_name: 'NoScheduler' },
      { ...EULER, beta_start: NaN },
    ];
    for (const config of refused) await assert.rejects(makeScheduler(config), { code: 'ERR_CONFIG' });
  });

  it('rejects betas that leave no signal', async () => {
    await assert.rejects(makeScheduler({ ...EULER, beta_schedule: 'linear', beta_end: 0.9 }), { code: 'ERR_CONFIG', message: /betas/ });
  });

  it('rejects noise prediction where there is no signal', async () => {
    const config = { _class_name: 'DDIMScheduler', ...LATENT, rescale_betas_zero_snr: true, timestep_spacing: 'trailing' };
    const scheduler = await planned(config, 4);
    await assert.rejects(scheduler.step(SAMPLE, 0, SAMPLE), { code: 'ERR_CONFIG', message: /v prediction/ });
    scheduler.dispose();
  });

  it('works with a single training timestep', async () => {
    for (const _class_name of ['DDIMScheduler', 'EulerDiscreteScheduler', 'LCMScheduler'] as const) {
      const scheduler = await make({ _class_name, num_train_timesteps: 1, original_inference_steps: 1 });
      assert.ok((await run(scheduler, 1)).every(Number.isFinite), _class_name);
      scheduler.dispose();
    }
  });

  it('stays finite where the signal all but vanishes', async () => {
    const zeroSnr = { ...LATENT, rescale_betas_zero_snr: true, timestep_spacing: 'trailing', prediction_type: 'v_prediction' };
    for (const name of ['ddim', 'euler', 'euler-ancestral', 'dpm++2m', 'unipc', 'lcm'] as const) {
      for (const steps of [1, 2, 3, 30]) {
        const scheduler = await make({ _class_name: 'DDIMScheduler', clip_sample: false, ...zeroSnr }, { name, eta: 1 });
        assert.ok((await run(scheduler, steps)).every(Number.isFinite), `${name}, ${steps} steps`);
        scheduler.dispose();
      }
    }
  });
});
