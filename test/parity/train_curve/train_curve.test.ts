import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callNative } from '../../../ts/native.js';
import type { NativeTrainer, NativeTrainerSpec } from '../../../ts/native/trainer.js';
import { assertClose } from '../../support/closeness.js';
import { adapterOptionsOf, logitsOf, openTrainer, PLAIN_ADAM, PLAIN_LOSS } from '../../support/parity-network.js';
import { readSafetensors } from '../../support/read-safetensors.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

interface Curve {
  losses: number[];
  gradNorms: number[];
  logits: number[];
  center?: number[];
}

const BASE = join(__dirname, '..', 'lora', 'base');
const ADAPTER = join(__dirname, 'adapter');
const CURVES = JSON.parse(readFileSync(join(__dirname, 'curves.json'), 'utf8')) as Record<string, Curve>;
const STORED = readSafetensors(join(__dirname, 'batches.safetensors'));
const BATCH = 8;
const BATCHES = 4;
const STEPS = 20;
const IMAGE_BYTES = 32 * 32 * 3;

const LORA: Partial<NativeTrainerSpec> = {
  adapter: adapterOptionsOf(BASE, ADAPTER),
  adapterWeights: join(ADAPTER, 'adapter_model.safetensors'),
  trainable: 'adapter',
};
const SCL = { ...PLAIN_LOSS, sclWeight: 0.5, sclMargin: 0.3, sclScaledMargin: true };

const FAIRNESS = { innerAlpha: 0.9, outerAlpha: 0.5, smoothing: null };

const SGD = { ...PLAIN_ADAM, name: 'sgd', momentum: 0.9 } as const;

interface Case {
  spec: Partial<NativeTrainerSpec>;
  learningRate: number;
  parts?: number;
}

const CASES: Record<string, Case> = {
  lora: { spec: LORA, learningRate: 1e-3 },
  accumulated: { spec: { ...LORA, optimizer: { ...PLAIN_ADAM, clipGradNorm: 0.5 } }, learningRate: 1e-3, parts: 2 },
  scl: { spec: { ...LORA, loss: SCL }, learningRate: 1e-3 },
  adamw: { spec: { optimizer: { ...PLAIN_ADAM, name: 'adamw', weightDecay: 0.05, clipGradNorm: 1 } }, learningRate: 1e-3 },
  'adam-decay': { spec: { optimizer: { ...PLAIN_ADAM, weightDecay: 0.05 } }, learningRate: 1e-3 },
  sgd: {
    spec: { optimizer: { ...SGD, weightDecay: 0.01, clipGradNorm: 1 } },
    learningRate: 1e-2,
  },
  sam: { spec: { optimizer: { ...SGD, weightDecay: 0.01, samRho: 0.05 } }, learningRate: 1e-2, parts: 2 },
  fairness: {
    spec: { optimizer: SGD, loss: { ...PLAIN_LOSS, fairness: { ...FAIRNESS, byClass: false } } },
    learningRate: 1e-3,
  },
  'fairness by class': {
    spec: { optimizer: SGD, loss: { ...PLAIN_LOSS, fairness: { ...FAIRNESS, byClass: true } } },
    learningRate: 1e-3,
  },
};

/** Images `from` to `to` of step `step`'s batch. */
const centerOf = (trainer: NativeTrainer): Promise<Float32Array> =>
  callNative(undefined, () => trainer.center());

function slice(step: number, from = 0, to = BATCH) {
  const at = (step % BATCHES) * BATCH;
  return {
    images: STORED.get('images')!.data.subarray((at + from) * IMAGE_BYTES, (at + to) * IMAGE_BYTES),
    labels: STORED.get('labels')!.data.subarray(at + from, at + to),
    groups: Uint8Array.from({ length: to - from }, (_, i) => i % 3),
  };
}

async function accumulate(trainer: NativeTrainer, step: number, { parts = 1 }: Case): Promise<number> {
  let loss = 0;
  for (let part = 0; part < parts; part++) {
    const batch = slice(step, (part * BATCH) / parts, ((part + 1) * BATCH) / parts);
    const losses = await callNative(undefined, (_, token) => trainer.accumulate(batch, 1 / parts, token));
    loss += losses.loss / parts;
  }
  return loss;
}

async function takeStep(trainer: NativeTrainer, step: number, item: Case) {
  const loss = await accumulate(trainer, step, item);
  if (item.spec.optimizer?.samRho) {
    await callNative(undefined, () => trainer.climb());
    await accumulate(trainer, step, item);
  }
  const { gradNorm } = await trainer.update(item.learningRate);
  return { loss, gradNorm };
}

async function takeSteps(trainer: NativeTrainer, from: number, to: number, item: Case): Promise<Curve> {
  const curve: Curve = { losses: [], gradNorms: [], logits: [] };
  for (let step = from; step < to; step++) {
    const { loss, gradNorm } = await takeStep(trainer, step, item);
    curve.losses.push(loss);
    curve.gradNorms.push(gradNorm);
  }
  curve.logits = [...(await logitsOf(trainer, slice(0).images, BATCH))];
  return curve;
}

describe('Training against timm, PEFT and torch.optim', () => {
  for (const [name, item] of Object.entries(CASES)) {
    it(`has the same ${STEPS} losses: ${name}`, async () => {
      const expected = CURVES[name]!;
      const trainer = await openTrainer(BASE, item.spec);
      const curve = await takeSteps(trainer, 0, STEPS, item);
      curve.losses.forEach((loss, step) => {
        const error = Math.abs(loss - expected.losses[step]!) / Math.abs(expected.losses[step]!);
        assert.ok(error <= 1e-4, `loss ${loss} of step ${step + 1} is not ${expected.losses[step]}`);
      });
      assertClose(curve.gradNorms, expected.gradNorms, 1e-3);
      assertClose(curve.logits, expected.logits, 1e-3);
      if (expected.center) assertClose(await centerOf(trainer), expected.center, 1e-3);
      else assert.equal((await centerOf(trainer)).length, 0);
      trainer.dispose();
    });
  }

  describe('resumed from its state', () => {
    const inFolder = useTemporaryFolder();

    const withDropout: Case = {
      spec: { ...LORA, adapter: { ...LORA.adapter!, dropout: 0.3 }, dropPath: 0.2, loss: SCL },
      learningRate: 1e-2,
    };
    for (const [name, item] of Object.entries({ ...CASES, 'dropout and drop path': withDropout })) {
      it(`continues bit for bit: ${name}`, async () => {
        const state = inFolder('state.safetensors');
        const trainer = await openTrainer(BASE, item.spec);
        await takeSteps(trainer, 0, 3, item);
        await trainer.saveState(state);
        const uninterrupted = await takeSteps(trainer, 3, 6, item);
        const resumed = await openTrainer(BASE, { ...item.spec, seed: 99 });
        await callNative(undefined, (_, token) => resumed.restoreState(state, token));
        assert.deepEqual(await takeSteps(resumed, 3, 6, item), uninterrupted);
        assert.deepEqual(await centerOf(resumed), await centerOf(trainer));
        trainer.dispose();
        resumed.dispose();
      });
    }

    it('refuses the state of another run', async () => {
      const state = inFolder('other.safetensors');
      const adapted = await openTrainer(BASE, LORA);
      await adapted.saveState(state);
      const full = await openTrainer(BASE);
      const restored = callNative(undefined, (_, token) => full.restoreState(state, token));
      await assert.rejects(restored, { code: 'ERR_WEIGHTS_MISSING' });
      adapted.dispose();
      full.dispose();
    });
  });
});
