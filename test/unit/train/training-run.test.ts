import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeepcodeError } from '../../../ts/errors.js';
import { BadImages } from '../../../ts/detect/train/bad-images.js';
import type { BatchSource } from '../../../ts/detect/train/batch-source.js';
import { CheckpointStore } from '../../../ts/detect/train/checkpoint-store.js';
import type { TrainingSample } from '../../../ts/detect/train/data.js';
import { MetricsLog, parseMetrics } from '../../../ts/detect/train/metrics-log.js';
import { TRAIN_OPTIONS, type TrainOptions } from '../../../ts/detect/train/options.js';
import { TrainingPlan } from '../../../ts/detect/train/plan.js';
import type { TrainProgress } from '../../../ts/detect/train/progress.js';
import { lockRun, RunFolder } from '../../../ts/detect/train/run-folder.js';
import { INITIAL_STATE, type RunState } from '../../../ts/detect/train/run-state.js';
import { TrainingRun } from '../../../ts/detect/train/training-run.js';
import { resolveOptions } from '../../../ts/options.js';
import { FakeTrainer, fakeSource } from '../../support/fake-trainer.js';

const samples = (count: number, folder = ''): TrainingSample[] =>
  Array.from({ length: count }, (_, i) => {
    const label = i % 2 === 0 ? 0 : 1;
    const name = `${folder}/${i}/${label * 100 + ((i * 37) % 120)}`;
    return { path: name, name, label, weight: 1 };
  });

const OPTIONS: TrainOptions = { epochs: 3, batchSize: 4, learningRate: 5, trainSamples: 20 };

interface Rig {
  options?: TrainOptions;
  trainer?: FakeTrainer;
  source?: BatchSource;
  pool?: TrainingSample[];
  validation?: TrainingSample[];
  onProgress?: (progress: TrainProgress) => void;
  signal?: AbortSignal;
}

describe('TrainingRun', () => {
  let folder: RunFolder;
  let logged: string[];
  let progress: TrainProgress[];

  beforeEach(async () => {
    folder = new RunFolder(join(await mkdtemp(join(tmpdir(), 'deepcode-')), 'run'));
    logged = [];
    progress = [];
  });
  afterEach(() => rm(join(folder.path, '..'), { recursive: true }));

  /** Runs to the end, from the last checkpoint if there is one, as train() does. */
  async function run(rig: Rig = {}): Promise<RunState> {
    const unlock = await lockRun(folder);
    const options = resolveOptions(TRAIN_OPTIONS, { ...OPTIONS, ...rig.options });
    const checkpoints = new CheckpointStore(folder.checkpoints);
    const checkpoint = await checkpoints.latest((message) => logged.push(message));
    const state = checkpoint?.state ?? INITIAL_STATE;
    const trainer = rig.trainer ?? new FakeTrainer();
    if (checkpoint) await trainer.restoreState(checkpoint.tensors);
    const log = await MetricsLog.open(folder.metrics, state);
    const training = new TrainingRun(
      {
        options,
        plan: new TrainingPlan(rig.pool ?? samples(20), options),
        validation: rig.validation ?? samples(6, 'val'),
        trainer,
        source: rig.source ?? fakeSource,
        badImages: new BadImages(state.badImages, options.maxBadImages, (message) => logged.push(message)),
        log,
        checkpoints,
        onProgress: (event) => {
          progress.push(event);
          rig.onProgress?.(event);
        },
        onEpoch: () => Promise.resolve(),
      },
      state,
      checkpoint !== undefined,
    );
    try {
      await training.run(rig.signal);
      return training.state;
    } finally {
      await log.close();
      await unlock();
    }
  }

  /** The log without what depends on the clock. */
  async function metrics(): Promise<object[]> {
    const lines = parseMetrics(await readFile(folder.metrics, 'utf8'));
    return lines.map((line) => ({ ...line, images_per_s: 0, seconds: 0 }));
  }

  /** Stops the run after a step, as Ctrl-C does. */
  function stopAt(step: number, phase: TrainProgress['phase'] = 'train'): Pick<Rig, 'signal' | 'onProgress'> {
    const controller = new AbortController();
    return {
      signal: controller.signal,
      onProgress: (event) => {
        if (event.step === step && event.phase === phase) controller.abort(new Error('enough'));
      },
    };
  }

  it('writes one line a step and one an epoch, and learns', async () => {
    const state = await run();
    const lines = parseMetrics(await readFile(folder.metrics, 'utf8'));
    const kinds = lines.map((line) => ('val_loss' in line ? 'epoch' : 'step')).join(' ');
    const epoch = 'step step step step step epoch';
    assert.equal(kinds, `${epoch} ${epoch} ${epoch}`);
    const losses = lines.flatMap((line) => ('val_loss' in line ? [line.val_loss] : []));
    assert.ok(losses[2]! < losses[0]!);
    assert.deepEqual(state.best, { epoch: 3, loss: losses[2] });
  });

  it('reports progress to the last step', async () => {
    await run();
    const last = progress.filter(({ phase }) => phase === 'train').at(-1)!;
    assert.deepEqual([last.step, last.steps, last.epoch, last.epochs, last.secondsLeft], [15, 15, 3, 3, 0]);
  });

  it('keeps the checkpoints of the last and the best epoch only', async () => {
    await run({ options: { checkpointSteps: 2 } });
    assert.deepEqual(await readdir(folder.checkpoints), ['epoch-00003']);
  });

  it('gives the same metrics twice', async () => {
    await run();
    const first = await metrics();
    await rm(folder.path, { recursive: true });
    await run();
    assert.deepEqual(await metrics(), first);
  });

  it('gives the same metrics for accumulated batches as for one of their size', async () => {
    await run();
    const first = await metrics();
    await rm(folder.path, { recursive: true });
    await run({ options: { batchSize: 2, accumulate: 2 } });
    assert.deepEqual(await metrics(), first);
  });

  for (const step of [1, 4, 5, 6, 15]) {
    it(`continues after a stop at step ${step} as if nothing had happened`, async () => {
      await run();
      const uninterrupted = await metrics();
      const state = { ...(await new CheckpointStore(folder.checkpoints).open('epoch-00003')).state };
      await rm(folder.path, { recursive: true });
      await assert.rejects(run(stopAt(step)), { name: 'AbortError' });
      assert.deepEqual(await run(), state);
      assert.deepEqual(await metrics(), uninterrupted);
    });
  }

  it('continues after a stop in validation', async () => {
    await run();
    const uninterrupted = await metrics();
    await rm(folder.path, { recursive: true });
    const stopping: BatchSource = async function* (batches, signal) {
      for await (const batch of fakeSource(batches)) {
        signal?.throwIfAborted();
        yield batch;
      }
    };
    await assert.rejects(run({ ...stopAt(10, 'validate'), source: stopping }));
    await run();
    assert.deepEqual(await metrics(), uninterrupted);
  });

  it('takes up from the checkpoint after a crash, dropping what was logged since', async () => {
    await run();
    const uninterrupted = await metrics();
    await rm(folder.path, { recursive: true });
    let taken = 0;
    const crashing: BatchSource = async function* (batches) {
      for await (const batch of fakeSource(batches)) {
        if (++taken === 12) throw new Error('crash');
        yield batch;
      }
    };
    await assert.rejects(run({ source: crashing, options: { checkpointSteps: 2 } }), /crash/);
    await run();
    assert.deepEqual(await metrics(), uninterrupted);
  });

  it('passes over a damaged checkpoint', async () => {
    await run({ options: { epochs: 1 } });
    await writeFile(join(folder.checkpoints, 'epoch-00001', 'state.json'), '{}');
    await run();
    assert.match(logged.join(), /epoch-00001 is damaged/);
  });

  it('stops at a loss that is not finite, and keeps the last good checkpoint', async () => {
    const message = /Training stopped at step 8: The loss is NaN\. The checkpoint of step 5 is kept/;
    await assert.rejects(run({ trainer: new FakeTrainer(8) }), { code: 'ERR_NONFINITE', message });
    assert.deepEqual(await readdir(folder.checkpoints), ['epoch-00001']);
    await run();
  });

  it('keeps the last checkpoint when the disk is full, and goes on from it once there is room', async () => {
    await run();
    const uninterrupted = await metrics();
    await rm(folder.path, { recursive: true });
    const trainer = new FakeTrainer();
    const save = trainer.saveState.bind(trainer);
    trainer.saveState = (path) => {
      if (trainer.steps < 10) return save(path);
      return Promise.reject(new DeepcodeError('ERR_IO', 'state.safetensors cannot be written: the disk is full.'));
    };
    await assert.rejects(run({ trainer }), { code: 'ERR_IO', message: /disk is full/ });
    assert.deepEqual(await readdir(folder.checkpoints), ['epoch-00001']);
    await run();
    assert.deepEqual(await metrics(), uninterrupted);
  });

  it('reports an unreadable image once, by its path, and goes on', async () => {
    const pool = samples(20).map((sample, i) =>
      i === 3 ? { ...sample, path: '/bad/3', name: 'bad/3' } : sample,
    );
    const state = await run({ pool });
    assert.deepEqual(logged, ['Skipping /bad/3: it is damaged']);
    assert.deepEqual(state.badImages, ['bad/3']);
    const images = (await metrics()).map((line) => (line as { images?: number }).images ?? 0);
    assert.equal(
      images.reduce((sum, count) => sum + count),
      3 * 19,
    );
  });

  it('gives up when more images are unreadable than allowed', async () => {
    const pool = samples(20).map((sample, i) =>
      i % 3 === 0 ? { ...sample, path: '/bad/', name: `bad/${i}` } : sample,
    );
    await assert.rejects(run({ pool, options: { maxBadImages: 2 } }), {
      code: 'ERR_IMAGE',
      message: /--max-bad-images/,
    });
  });

  for (const [label, name] of ['real', 'fake'].entries()) {
    it(`gives up when no ${name} validation image is readable, but validates on one class when asked to`, async () => {
      const all = samples(6, 'val');
      const validation = all.map((sample) => (sample.label === label ? { ...sample, path: '/bad/' } : sample));
      const message = new RegExp(`None of the ${name} validation images`);
      await assert.rejects(run({ validation }), { code: 'ERR_DATASET', message });
      await run({ validation: all.filter((sample) => sample.label === label) });
    });
  }

  it('goes on over a step without a single readable image', async () => {
    const pool = samples(4).map((sample) => ({ ...sample, path: '/bad/0' }));
    const state = await run({ pool, options: { batchSize: 2 } });
    assert.equal(state.step, 6);
  });
});

describe('lockRun', () => {
  it('keeps a second process out until the lock is given back', async () => {
    const folder = new RunFolder(await mkdtemp(join(tmpdir(), 'deepcode-')));
    const unlock = await lockRun(folder);
    await assert.rejects(lockRun(folder), { code: 'ERR_BUSY' });
    await unlock();
    await (
      await lockRun(folder)
    )();
    await writeFile(join(folder.path, '.lock'), '999999999 12345\n');
    await (
      await lockRun(folder)
    )();
    await rm(folder.path, { recursive: true });
  });

  it('says so when the folder cannot be made', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'deepcode-')), 'file');
    await writeFile(file, '');
    await assert.rejects(lockRun(new RunFolder(join(file, 'run'))), { code: 'ERR_IO', message: /ENOTDIR/ });
    await rm(join(file, '..'), { recursive: true });
  });
});
