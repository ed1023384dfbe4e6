/** A sampler step by step, for loops of one's own around a network. {@link TextToImage} needs none of this. */
import { invalidArgument, outOfRange } from '../errors.js';
import { callNative } from '../native.js';
import type { NativeScheduler, NativeSchedulerConfig } from '../native/scheduler.js';
import { checkSchedulerChoice, parseSchedulerConfig, type SchedulerChoice } from './schedulers.js';

/** Node 20 has the symbol; older type definitions and bundlers may not. */
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

function checkSamples(name: string, samples: unknown, count: number, length?: number): void {
  if (!(samples instanceof Float32Array)) throw invalidArgument(name, 'a Float32Array', samples);
  const valid = samples.length > 0 && samples.length % count === 0;
  if (!valid) throw outOfRange(`the length of ${name}`, `a multiple of count ${count}`, samples.length);
  if (length !== undefined && samples.length !== length) {
    throw outOfRange(`the length of ${name}`, `that of the sample, ${length}`, samples.length);
  }
}

function checkInteger(name: string, value: unknown, min: number): void {
  if (typeof value !== 'number') throw invalidArgument(name, 'an integer', value);
  if (!Number.isSafeInteger(value) || value < min) throw outOfRange(name, `an integer of at least ${min}`, value);
}

function checkCall(samples: Readonly<Record<string, Float32Array>>, index: number, count: number): void {
  checkInteger('index', index, 0);
  checkInteger('count', count, 1);
  const first = Object.values(samples)[0];
  for (const [name, values] of Object.entries(samples)) checkSamples(name, values, count, first?.length);
}

/**
 * Samples are flat arrays of one sample or of `count` samples one after the other; they matter apart from each other
 * for dynamic thresholding only.
 */
export class Scheduler {
  readonly config: NativeSchedulerConfig;
  readonly #native: NativeScheduler;
  #timesteps: readonly number[] = [];
  #initNoiseSigma = 1;

  /** Made by {@link makeScheduler}. */
  constructor(config: NativeSchedulerConfig, native: NativeScheduler) {
    this.config = config;
    this.#native = native;
  }

  /** What the network is told at each call; empty before {@link setTimesteps}. Positions in it are the `index` below. */
  get timesteps(): readonly number[] {
    return this.#timesteps;
  }

  /** The standard deviation that the first sample needs. */
  get initNoiseSigma(): number {
    return this.#initNoiseSigma;
  }

  /** Plans `steps` steps and forgets every earlier one. Rejects with ERR_CONFIG for more than the config allows. */
  setTimesteps(steps: number): Promise<void> {
    checkInteger('steps', steps, 1);
    return this.#plan(steps);
  }

  /** What the network is given in place of `sample`. */
  scaleInput(sample: Float32Array, index: number, count = 1): Promise<Float32Array> {
    checkCall({ sample }, index, count);
    return callNative(undefined, () => this.#native.scaleInput(sample, count, index));
  }

  /**
   * From the network's output to the next sample. `index` rises by one from call to call.
   *
   * @param noise standard normal values, for the samplers that add noise; rejects with ERR_CONFIG when they are missing
   */
  step(modelOutput: Float32Array, index: number, sample: Float32Array, noise?: Float32Array, count = 1): Promise<Float32Array> {
    checkCall({ sample, modelOutput, ...(noise && { noise }) }, index, count);
    return callNative(undefined, () => this.#native.step(modelOutput, sample, noise ?? null, count, index));
  }

  /** `original` with the noise of a position: where image-to-image starts. */
  addNoise(original: Float32Array, noise: Float32Array, index: number, count = 1): Promise<Float32Array> {
    checkCall({ original, noise }, index, count);
    return callNative(undefined, () => this.#native.addNoise(original, noise, count, index));
  }

  /** The first position of image-to-image with a strength from 0 to 1. */
  firstIndex(steps: number, strength: number): number {
    checkInteger('steps', steps, 1);
    if (typeof strength !== 'number' || !(strength >= 0 && strength <= 1)) {
      throw invalidArgument('strength', 'a number from 0 to 1', strength);
    }
    return this.#native.firstIndex(steps, strength);
  }

  /** Idempotent; calls in flight finish. */
  dispose(): void {
    this.#native.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }

  async #plan(steps: number): Promise<void> {
    const plan = await callNative(undefined, () => this.#native.setTimesteps(steps));
    this.#timesteps = plan.timesteps;
    this.#initNoiseSigma = plan.initNoiseSigma;
  }
}

async function open(config: object, choice: SchedulerChoice): Promise<Scheduler> {
  const parsed = parseSchedulerConfig(config, 'scheduler config', choice);
  return new Scheduler(parsed, await callNative(undefined, (addon) => addon.makeScheduler(parsed)));
}

/**
 * Makes a sampler of diffusers' scheduler_config.json. Rejects with ERR_CONFIG for an unknown class, unless another is
 * chosen, and for a value that the class or this package does not compute with.
 *
 * @param config the parsed JSON
 * @throws TypeError for what is no config, and for a wrong choice
 */
export function makeScheduler(config: object, choice: SchedulerChoice = {}): Promise<Scheduler> {
  if (typeof config !== 'object' || config === null) throw invalidArgument('config', 'an object', config);
  checkSchedulerChoice(choice);
  return open(config, choice);
}
