import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseXceptionConfig } from '../../../ts/detect/xception-config.js';
import { callNative } from '../../../ts/native.js';
import type { NativeFairDetectorOptions } from '../../../ts/native/fair-detector.js';
import type { NativeFairLosses, NativeFairTrainer, NativePairBatch } from '../../../ts/native/fair-trainer.js';
import type { NativeBilevelCvarOptions } from '../../../ts/native/losses.js';
import { floatsOf, readSafetensors, type StoredTensor } from '../../support/read-safetensors.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

type Tensors = Map<string, StoredTensor>;
type Pass = Pick<NativeFairLosses, 'loss' | 'ce' | 'parts'>;

interface Step {
  passes: Pass[];
  gradNorm: number;
}

interface Expected extends Step {
  /** The loss after another step. */
  later: number;
}

const DETECTORS = join(__dirname, '..', 'fair_detector');
const EXPECTED = JSON.parse(readFileSync(join(__dirname, 'steps.json'), 'utf8')) as Record<string, Expected>;
const WEIGHTS = { fused: 1, common: 1, specific: 0.1, demographic: 0.1, contrastive: 0.05, reconstruction: 0.3 };
const RATE = 0.001;
const SMOOTHING = { tau1: 0.001, tau2: 0.0001 };

/** Of generate.py. */
const BATCH: NativePairBatch = {
  images: readSafetensors(join(__dirname, 'images.safetensors')).get('images')!.data,
  groups: Uint8Array.of(1, 6, 1, 6, 6, 3),
  methods: Uint8Array.of(0, 0, 0, 2, 5, 2),
};

interface Case {
  folder: string;
  fairness: Pick<NativeBilevelCvarOptions, 'smoothing' | 'byClass'>;
}

const CASES: Record<string, Case> = {
  groups: { folder: 'methods', fairness: { smoothing: SMOOTHING, byClass: false } },
  classes: { folder: 'methods', fairness: { smoothing: SMOOTHING, byClass: true } },
  'one-method': { folder: 'one-method', fairness: { smoothing: null, byClass: false } },
};

const modelOf = ({ folder }: Case): string => join(DETECTORS, folder, 'model.safetensors');

function optionsOf({ folder }: Case): NativeFairDetectorOptions {
  const config: unknown = JSON.parse(readFileSync(join(DETECTORS, folder, 'config.json'), 'utf8'));
  const { network } = parseXceptionConfig(config, 'config.json');
  if (network.kind !== 'fair') throw new Error('another network');
  return network.fair;
}

function open(item: Case): Promise<NativeFairTrainer> {
  const spec = {
    network: optionsOf(item),
    weights: modelOf(item),
    encoders: null,
    freezeNorms: false,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    loss: {
      weights: WEIGHTS,
      demographic: { classCounts: [2475, 25443, 1468, 4163, 8013, 31281, 1111, 2185], maxMargin: 0.5, scale: 30 },
      margin: 3,
      fairness: { innerAlpha: 0.9, outerAlpha: 0.5, ...item.fairness },
    },
    optimizer: { name: 'sgd' as const, momentum: 0.9, weightDecay: 5e-3, clipGradNorm: 0, samRho: 0.05 },
    seed: 5,
    device: 'cpu',
    dtype: 'fp32' as const,
  };
  return callNative(undefined, (addon, token) => addon.fairTrainerCreate(spec, token));
}

const accumulate = (trainer: NativeFairTrainer): Promise<Pass> =>
  callNative(undefined, (_, token) => trainer.accumulate(BATCH, 1, token));

async function takeStep(trainer: NativeFairTrainer): Promise<Step> {
  const first = await accumulate(trainer);
  await callNative(undefined, () => trainer.climb());
  const second = await accumulate(trainer);
  return { passes: [first, second], gradNorm: (await trainer.update(RATE)).gradNorm };
}

function assertNear(actual: number, expected: number, tolerance: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.abs(expected);
  assert.ok(error <= tolerance, `${what}: ${actual} is not ${expected}, relative error ${error}`);
}

function comparePass(actual: Pass, expected: Pass): void {
  assert.deepEqual(Object.keys(actual.parts).sort(), Object.keys(expected.parts).sort());
  assertNear(actual.loss, expected.loss, 1e-5, 'the sum');
  assertNear(actual.ce, expected.ce, 1e-5, 'cross-entropy');
  for (const name of Object.keys(expected.parts) as (keyof typeof WEIGHTS)[]) {
    assertNear(actual.parts[name]!, expected.parts[name]!, 1e-5, name);
  }
}

function compareStep(actual: Step, expected: Step): void {
  expected.passes.forEach((pass, i) => comparePass(actual.passes[i]!, pass));
  assertNear(actual.gradNorm, expected.gradNorm, 1e-4, 'the gradient norm');
}

const isStatistic = (name: string): boolean => /running_(mean|var)$/.test(name);

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** What the step added to every tensor of `names`, which the fixture holds one after another. */
function compareChanges(after: Tensors, before: Tensors, names: string[], expected: Float32Array, rounding: number): void {
  let at = 0;
  for (const name of names) {
    const [from, to] = [floatsOf(before, name), floatsOf(after, name)];
    const wanted = expected.subarray(at, (at += from.length));
    const allowed = 1e-4 * largest(wanted) + rounding * Math.max(1, largest(to));
    const error = largest(to.map((value, i) => value - from[i]! - wanted[i]!));
    assert.ok(error <= allowed, `${name}: the change is off by ${error}, over ${allowed}`);
  }
  assert.equal(at, expected.length);
}

describe('A sharpness-aware step of the disentangled detector against torch.optim', () => {
  const temporary = useTemporaryFolder();

  for (const [name, item] of Object.entries(CASES)) {
    it(`has the same losses, and moves parameters and running statistics alike: ${name}`, async () => {
      const told = EXPECTED[name]!;
      const trainer = await open(item);
      compareStep(await takeStep(trainer), told);
      await callNative(undefined, () => trainer.saveModel(temporary('after.safetensors'), 'fp32'));
      const after = readSafetensors(temporary('after.safetensors'));
      const before = readSafetensors(modelOf(item));
      const expected = readSafetensors(join(__dirname, `${name}.safetensors`));
      const names = [...after.keys()].filter((key) => !key.endsWith('num_batches_tracked')).sort();
      const parameters = names.filter((key) => !isStatistic(key));
      // Tensors are kept in fp32, and means are of activations, which are: no change is known better than that.
      compareChanges(after, before, parameters, floatsOf(expected, 'parameters'), 2 ** -23);
      compareChanges(after, before, names.filter(isStatistic), floatsOf(expected, 'statistics'), 2 ** -21);
      await takeStep(trainer);
      assertNear((await accumulate(trainer)).loss, told.later, 3e-3, 'the loss after another step');
      trainer.dispose();
    });
  }

  it('tells the two kinds of groups apart', () => {
    const [groups, classes] = ['groups', 'classes'].map((name) => EXPECTED[name]!.passes[0]!.parts.fused!);
    assert.ok(Math.abs(groups! - classes!) > 0.01 * groups!, `${groups} and ${classes}`);
  });
});
