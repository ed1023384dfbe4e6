import assert from 'node:assert/strict';
import { join } from 'node:path';
import { callNative } from '../../ts/native.js';
import type { NativeTrainerSpec } from '../../ts/native/trainer.js';
import { assertClose } from '../support/closeness.js';
import { skipWithoutCuda } from '../support/cuda.js';
import { adapterOptionsOf, logitsOf, openDetector, openTrainer, PLAIN_LOSS } from '../support/parity-network.js';
import { readSafetensors } from '../support/read-safetensors.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const PARITY = join(__dirname, '..', 'parity');
const BASE = join(PARITY, 'lora', 'base');
const ADAPTER = join(PARITY, 'train_curve', 'adapter');
const STORED = readSafetensors(join(PARITY, 'train_curve', 'batches.safetensors'));
const BATCH = { images: STORED.get('images')!.data.subarray(0, 8 * 3072), labels: STORED.get('labels')!.data.subarray(0, 8), groups: null };

const SPEC: Partial<NativeTrainerSpec> = {
  adapter: { ...adapterOptionsOf(BASE, ADAPTER), dropout: 0.2 },
  adapterWeights: join(ADAPTER, 'adapter_model.safetensors'),
  trainable: 'adapter',
  loss: { ...PLAIN_LOSS, sclWeight: 0.5, sclMargin: 0.3, sclScaledMargin: true },
  dropPath: 0.1,
  device: 'cuda:0',
};

describe('Detector on CUDA', () => {
  const inFolder = useTemporaryFolder();

  before(function () {
    skipWithoutCuda(this);
  });

  for (const [dtype, tolerance] of [
    ['fp32', 5e-3], // TF32 or not is libtorch's choice
    ['bf16', 0.05],
    ['fp16', 0.01],
  ] as const) {
    it(`gives the processor's logits: ${dtype}`, async () => {
      const cpu = await openDetector(BASE);
      const cuda = await openDetector({ base: BASE, device: 'cuda:0', dtype });
      assertClose(await logitsOf(cuda, BATCH.images, 8), await logitsOf(cpu, BATCH.images, 8), tolerance);
      for (const detector of [cpu, cuda]) detector.dispose();
    });
  }

  for (const dtype of ['fp32', 'bf16'] as const) {
    it(`trains, and resumes with the same random numbers: ${dtype}`, async () => {
      const step = async (trainer: Awaited<ReturnType<typeof openTrainer>>): Promise<number> => {
        const { loss } = await callNative(undefined, (_, token) => trainer.accumulate(BATCH, 1, token));
        await trainer.update(1e-2);
        return loss;
      };
      const trainer = await openTrainer(BASE, { ...SPEC, dtype });
      await step(trainer);
      await trainer.saveState(inFolder('state.safetensors'));
      const uninterrupted = [await step(trainer), await step(trainer)];
      const resumed = await openTrainer(BASE, { ...SPEC, dtype, seed: 77 });
      await callNative(undefined, (_, token) => resumed.restoreState(inFolder('state.safetensors'), token));
      assertClose([await step(resumed), await step(resumed)], uninterrupted, 1e-3);
      assert.ok(uninterrupted.every(Number.isFinite));
      for (const each of [trainer, resumed]) each.dispose();
    });
  }
});
