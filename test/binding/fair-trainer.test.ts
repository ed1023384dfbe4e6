import assert from 'node:assert/strict';
import { join } from 'node:path';
import { callNative } from '../../ts/native.js';
import type { NativeFairTrainer, NativeFairTrainerSpec, NativePairBatch } from '../../ts/native/fair-trainer.js';
import { readSafetensors as readWeights, writeSafetensors } from '../../ts/weights/safetensors.js';
import type { TensorData } from '../../ts/weights/tensor-data.js';
import { floatsOf, readSafetensors } from '../support/read-safetensors.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const SIDE = 64;
const SPEC: NativeFairTrainerSpec = {
  network: {
    inChannels: 3,
    imageHeight: SIDE,
    imageWidth: SIDE,
    specificClasses: 3,
    groups: 2,
    width: 1 / 16,
    headDropout: 0.2,
    decoderDropout: 0.3,
  },
  weights: null,
  encoders: null,
  freezeNorms: false,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
  loss: {
    weights: { fused: 1, common: 1, specific: 0.1, demographic: 0.1, contrastive: 0.05, reconstruction: 0.3 },
    demographic: { classCounts: [10, 20], maxMargin: 0.5, scale: 30 },
    margin: 3,
    fairness: { innerAlpha: 0.9, outerAlpha: 0.5, smoothing: null, byClass: false },
  },
  optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-3, clipGradNorm: 0, samRho: 0.05 },
  seed: 5,
  device: 'cpu',
  dtype: 'fp32',
};

function batchOf(changes: Partial<NativePairBatch> = {}): NativePairBatch {
  return {
    images: Uint8Array.from({ length: 4 * SIDE * SIDE * 3 }, (_, i) => (i * 2654435761) >>> 24),
    groups: Uint8Array.of(0, 1, 1, 0),
    methods: Uint8Array.of(0, 0, 1, 2),
    ...changes,
  };
}

const open = (changes: Partial<NativeFairTrainerSpec> = {}): Promise<NativeFairTrainer> =>
  callNative(undefined, (addon, token) => addon.fairTrainerCreate({ ...SPEC, ...changes }, token));

const accumulate = (trainer: NativeFairTrainer, batch = batchOf()) =>
  callNative(undefined, (_, token) => trainer.accumulate(batch, 1, token));

describe('NativeFairTrainer', () => {
  const temporary = useTemporaryFolder();

  /** Everything that the network is made of. */
  async function tensors(trainer: NativeFairTrainer, file: string) {
    await callNative(undefined, () => trainer.saveModel(temporary(file), 'fp32'));
    return readSafetensors(temporary(file));
  }

  it('moves the parameters in one sharpness-aware step, and running statistics once', async () => {
    const trainer = await open();
    const before = await tensors(trainer, 'before.safetensors');
    await accumulate(trainer);
    const once = await tensors(trainer, 'once.safetensors');
    await callNative(undefined, () => trainer.climb());
    await accumulate(trainer);
    await trainer.update(0.01);
    const after = await tensors(trainer, 'after.safetensors');
    const statistic = [...before.keys()].find((name) => name.endsWith('running_mean'))!;
    assert.notDeepEqual(once.get(statistic)!.data, before.get(statistic)!.data);
    assert.deepEqual(after.get(statistic)!.data, once.get(statistic)!.data);
    assert.notDeepEqual(after.get('head_fused.mlp.0.weight')!.data, before.get('head_fused.mlp.0.weight')!.data);
    trainer.dispose();
  });

  it('tells the classes of a group apart where the fairness loss is by class', async () => {
    const lossOf = async (byClass: boolean, groups: Uint8Array): Promise<number> => {
      const fairness = { innerAlpha: 1, outerAlpha: 1, smoothing: null, byClass };
      const trainer = await open({ loss: { ...SPEC.loss, fairness } });
      const { loss } = await accumulate(trainer, batchOf({ groups }));
      trainer.dispose();
      return loss;
    };
    // Of group 0 one fake, of group 1 one fake and both real images: means of groups, or of groups and classes.
    const uneven = Uint8Array.of(1, 1, 0, 1);
    assert.notEqual(await lossOf(true, uneven), await lossOf(false, uneven));
    const even = Uint8Array.of(0, 1, 0, 1);
    const difference = (await lossOf(true, even)) - (await lossOf(false, even));
    assert.ok(Math.abs(difference) < 1e-5, `${difference}`);
  });

  it('comes back bit for bit when the second pass fails', async () => {
    const trainer = await open();
    const name = 'encoder_f.conv1.weight';
    const before = (await tensors(trainer, 'before.safetensors')).get(name)!.data;
    await accumulate(trainer);
    await callNative(undefined, () => trainer.climb());
    assert.notDeepEqual((await tensors(trainer, 'uphill.safetensors')).get(name)!.data, before);
    await assert.rejects(accumulate(trainer, batchOf({ groups: Uint8Array.of(0, 1, 1, 9) })), { code: 'ERR_SHAPE' });
    assert.deepEqual((await tensors(trainer, 'back.safetensors')).get(name)!.data, before);
    trainer.dispose();
  });

  it('starts all three encoders from one Xception, whose classifier is left out', async () => {
    const source = await open();
    await callNative(undefined, () => source.saveModel(temporary('source.safetensors'), 'fp32'));
    source.dispose();
    const { tensors: stored } = await readWeights(temporary('source.safetensors'));
    const prefix = 'encoder_f.';
    const xception = new Map<string, TensorData>([['fc.weight', { dtype: 'F32', shape: [2, 8], data: new Float32Array(16) }]]);
    for (const [name, tensor] of stored) {
      if (name.startsWith(prefix) && !name.includes('adjust_channel')) xception.set(name.slice(prefix.length), tensor);
    }
    await writeSafetensors(temporary('xception.safetensors'), xception);
    const trainer = await open({ seed: 6, encoders: temporary('xception.safetensors') });
    const begun = await tensors(trainer, 'begun.safetensors');
    for (const [name, { data }] of xception) {
      if (name === 'fc.weight') continue;
      for (const encoder of ['encoder_f', 'encoder_c', 'encoder_fair']) {
        const found = floatsOf(begun, `${encoder}.${name}`);
        assert.deepEqual(found, new Float32Array(data.buffer, data.byteOffset, found.length), `${encoder}.${name}`);
      }
    }
    const head = 'head_fused.mlp.0.weight';
    assert.notDeepEqual(floatsOf(begun, head), stored.get(head)!.data);
    trainer.dispose();
  });

  it('refuses encoders of another width, naming a weight', async () => {
    const wide = await open({ network: { ...SPEC.network, width: 1 / 8 } });
    await callNative(undefined, () => wide.saveModel(temporary('wide.safetensors'), 'fp32'));
    wide.dispose();
    const { tensors: stored } = await readWeights(temporary('wide.safetensors'));
    const prefix = 'encoder_f.';
    const kept = [...stored].filter(([name]) => name.startsWith(prefix) && !name.includes('adjust_channel'));
    await writeSafetensors(temporary('xception.safetensors'), new Map(kept.map(([name, tensor]) => [name.slice(prefix.length), tensor])));
    await assert.rejects(open({ encoders: temporary('xception.safetensors') }), { code: 'ERR_WEIGHTS_SHAPE', message: /block1\..*weight/ });
  });

  const WRONG: [what: string, batch: NativePairBatch, expected: object][] = [
    ['fakes in the first half', batchOf({ methods: Uint8Array.of(1, 0, 0, 2) }), { code: 'ERR_SHAPE', message: /first half/ }],
    ['a method that the network does not know', batchOf({ methods: Uint8Array.of(0, 0, 3, 1) }), { code: 'ERR_SHAPE', message: /below 3/ }],
    ['a group that the network does not know', batchOf({ groups: Uint8Array.of(0, 0, 2, 1) }), { code: 'ERR_SHAPE', message: /below 2/ }],
    ['half a pair', batchOf({ groups: Uint8Array.of(0), methods: Uint8Array.of(0) }), { name: 'RangeError' }],
    ['images of another size', batchOf({ images: new Uint8Array(7) }), { name: 'RangeError' }],
  ];
  for (const [what, batch, expected] of WRONG) {
    it(`refuses ${what}, and the next batch is fine`, async () => {
      const trainer = await open();
      await assert.rejects(accumulate(trainer, batch), expected);
      assert.ok((await accumulate(trainer)).loss > 0);
      trainer.dispose();
    });
  }

  it('refuses to climb without sharpness-aware minimisation', async () => {
    const trainer = await open({ optimizer: { ...SPEC.optimizer, samRho: 0 } });
    await accumulate(trainer);
    await assert.rejects(callNative(undefined, () => trainer.climb()), { code: 'ERR_CONFIG' });
    trainer.dispose();
  });

  it('rejects with AbortError when it is cancelled', async () => {
    const trainer = await open();
    const cancelled = callNative(undefined, (_, token) => {
      token.cancel();
      return trainer.accumulate(batchOf(), 1, token);
    });
    await assert.rejects(cancelled, { code: 'ABORT_ERR' });
    trainer.dispose();
  });

  it('gives the same losses after its state was restored into another', async () => {
    const state = temporary('state.safetensors');
    const step = async (trainer: NativeFairTrainer) => {
      const { loss } = await accumulate(trainer);
      await callNative(undefined, () => trainer.climb());
      await accumulate(trainer);
      const { gradNorm } = await trainer.update(0.01);
      return [loss, gradNorm];
    };
    const trainer = await open();
    await step(trainer);
    await trainer.saveState(state);
    const next = [await step(trainer), await step(trainer)];
    const other = await open();
    await callNative(undefined, (_, token) => other.restoreState(state, token));
    assert.deepEqual([await step(other), await step(other)], next);
    trainer.dispose();
    other.dispose();
  });

  it('leaves losses of weight 0 out of the sum', async () => {
    const weights = { ...SPEC.loss.weights, reconstruction: 0, contrastive: 0 };
    const trainer = await open({ loss: { ...SPEC.loss, weights } });
    const { loss, parts } = await accumulate(trainer);
    assert.deepEqual(Object.keys(parts), ['fused', 'common', 'specific', 'demographic']);
    const sum = parts.fused! + parts.common! + 0.1 * parts.specific! + 0.1 * parts.demographic!;
    assert.ok(Math.abs(sum - loss) < 1e-5 * loss);
    trainer.dispose();
  });

  it('names a file that is no detector', async () => {
    const weights = join(__dirname, '..', 'parity', 'train_curve', 'batches.safetensors');
    await assert.rejects(open({ weights }), { code: 'ERR_WEIGHTS_MISSING' });
  });
});
