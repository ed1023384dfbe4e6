/** The fake network and noise of the scheduler fixtures, as test/parity/schedulers/generate.py has them. */
import { makeScheduler, type Scheduler } from '../../ts/generate/scheduler.js';
import type { SchedulerChoice } from '../../ts/generate/schedulers.js';

export interface SchedulerCase {
  config: { _class_name: string };
  steps: number;
  strength?: number;
  first?: number;
  eta?: number;
  initNoiseSigma: number;
  timesteps: number[];
  /** The first value of every sample. */
  path: number[];
  final: number[];
}

const COUNT = 2;

function network(sample: Float32Array, timestep: number): Float32Array {
  return sample.map((x) => 0.9 * x + (0.1 * x) / (1 + Math.abs(x)) + (0.05 * timestep) / 1000);
}

function pseudoNoise(draw: number): Float32Array {
  return Float32Array.from({ length: 6 }, (_, i) => ((draw * 7919 + i * 104729 + 12345) % 1000) / 400 - 1.25);
}

export interface Trajectory {
  initNoiseSigma: number;
  timesteps: readonly number[];
  path: number[];
  final: Float32Array;
}

async function firstSample(scheduler: Scheduler, first: number, strength: number | undefined): Promise<Float32Array> {
  if (strength === undefined) return pseudoNoise(0).map((x) => x * Math.fround(scheduler.initNoiseSigma));
  return scheduler.addNoise(pseudoNoise(0), pseudoNoise(999), first, COUNT);
}

async function walk(scheduler: Scheduler, item: SchedulerCase): Promise<Trajectory> {
  await scheduler.setTimesteps(item.steps);
  const { timesteps, initNoiseSigma } = scheduler;
  const first = item.strength === undefined ? 0 : scheduler.firstIndex(item.steps, item.strength);
  let sample = await firstSample(scheduler, first, item.strength);
  const path: number[] = [];
  for (let i = first; i < timesteps.length; i++) {
    const output = network(await scheduler.scaleInput(sample, i, COUNT), timesteps[i]!);
    sample = await scheduler.step(output, i, sample, pseudoNoise(i - first + 1), COUNT);
    path.push(sample[0]!);
  }
  return { initNoiseSigma, timesteps, path, final: sample };
}

/** The trajectory of the addon's sampler for a case. */
export async function trajectoryOf(item: SchedulerCase, choice: SchedulerChoice = {}): Promise<Trajectory> {
  const scheduler = await makeScheduler(item.config, { eta: item.eta, ...choice });
  try {
    return await walk(scheduler, item);
  } finally {
    scheduler.dispose();
  }
}

/** "leading, 8 steps, v_prediction, use_karras_sigmas true" */
export function describeCase({ config, steps, strength, eta }: SchedulerCase): string {
  const fields = Object.entries(config).filter(([name]) => !/^(_|beta_(start|end)$|trained_betas$)/.test(name));
  const told = fields.map(([name, value]) => (typeof value === 'string' && !/type$/.test(name) ? value : `${name} ${value}`));
  return [`${steps} steps`, ...told, ...(strength === undefined ? [] : [`strength ${strength}`]), ...(eta === undefined ? [] : [`eta ${eta}`])].join(', ');
}
