import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMetrics, type StepLine } from '../../../ts/detect/train/metrics-log.js';
import type { TrainReport } from '../../../ts/detect/train/report.js';
import type { TrainHooks } from '../../../ts/detect/train/train.js';
import type { FairTrainOptions } from '../../../ts/fairness/train/options.js';
import { trainFairDetector } from '../../../ts/fairness/train/train.js';
import type { RuntimeOptions } from '../../../ts/runtime.js';
import { readSafetensors } from '../../support/read-safetensors.js';
import { evenPeople, writePeople } from '../../support/people-set.js';
import { writeSyntheticSet } from '../../support/synthetic-set.js';
import { stopAfter } from '../../support/training.js';

const TINY: FairTrainOptions = {
  imageSize: 64,
  width: 1 / 16,
  epochs: 2,
  pairs: 4,
  learningRate: 1e-2,
  trainSamples: 16,
  valSamples: 8,
  batchSize: 8,
  checkpointMinutes: 0,
};

describe('trainFairDetector', function () {
  this.timeout(120_000);
  let root: string;
  let people: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'deepcode-fair-'));
    people = await writePeople(join(root, 'people'), [...evenPeople(16, 'train'), ...evenPeople(8, 'valid')]);
  });
  after(() => rm(root, { recursive: true, force: true }));

  const runOf = (name: string): string => join(root, 'runs', name);
  const train = (name: string, options: FairTrainOptions & RuntimeOptions = {}, hooks: TrainHooks = {}): Promise<TrainReport> =>
    trainFairDetector({ data: [people], ...TINY, ...options, out: runOf(name), device: 'cpu', threads: 1 }, hooks);
  const resume = (name: string): Promise<TrainReport> =>
    trainFairDetector({ resume: true, out: runOf(name), device: 'cpu', threads: 1 });

  async function steps(name: string): Promise<StepLine[]> {
    const lines = parseMetrics(await readFile(join(runOf(name), 'metrics.jsonl'), 'utf8'));
    return lines.flatMap((line) => ('lr' in line ? [{ ...line, images_per_s: 0 }] : []));
  }
  const weights = (name: string): Promise<Buffer> => readFile(join(runOf(name), 'model-last', 'model.safetensors'));

  it('writes a complete run folder with every loss of the sum', async () => {
    const report = await train('run', { specific: 'on' });
    assert.equal(report.steps, 4);
    for (const file of ['config.json', 'curves.svg', 'detector.json', 'model/config.json', 'model/model.safetensors'])
      await readFile(join(runOf('run'), file));
    for (const line of await steps('run')) {
      const { fused, common, specific, demographic, contrastive, reconstruction } = line;
      const sum =
        fused! + common! + 0.1 * specific! + 0.1 * demographic! + 0.05 * contrastive! + 0.3 * reconstruction!;
      assert.ok(Math.abs(sum - line.loss) < 1e-4 * line.loss, `${sum} is not ${line.loss}`);
      assert.ok(fused! >= line.ce - 1e-6, 'the worst of the worst groups is at least the mean');
    }
  });

  it('says when there are no methods to tell apart, and trains without that branch', async () => {
    const logged: string[] = [];
    await train('single', { epochs: 1 }, { onLog: (line) => logged.push(line) });
    assert.match(logged.join('\n'), /All fakes were made in one way/);
    assert.ok((await steps('single')).every((line) => line.specific === undefined && line.contrastive! > 0));
    const stored = readSafetensors(join(runOf('single'), 'model', 'model.safetensors'));
    assert.ok(![...stored.keys()].some((name) => name.includes('_spe.')));
  });

  it('tells methods apart where there are several', async () => {
    const rows = [...evenPeople(16, 'train'), ...evenPeople(8, 'valid')];
    const mixed = rows.map((row, i) => (row.label === 1 ? { ...row, source: i % 4 === 1 ? 'a' : 'b' } : row));
    const table = await writePeople(join(root, 'methods'), mixed);
    await train('methods', { data: [table], epochs: 1 });
    assert.ok((await steps('methods')).every((line) => line.specific! > 0));
  });

  it('does the same for the same seed, bit for bit, and something else for another', async () => {
    await train('a', { seed: 3 });
    await train('b', { seed: 3 });
    await train('c', { seed: 4 });
    assert.deepEqual(await steps('a'), await steps('b'));
    assert.deepEqual(await weights('a'), await weights('b'));
    assert.notDeepEqual(await weights('a'), await weights('c'));
  });

  for (const step of [1, 2, 3]) {
    it(`resumes after a stop at step ${step} with the losses and weights of an uninterrupted run`, async () => {
      const name = `stopped-${step}`;
      await assert.rejects(train(name, { seed: 3 }, stopAfter(step)), { code: 'ABORT_ERR' });
      await resume(name);
      assert.deepEqual(await steps(name), await steps('a'));
      assert.deepEqual(await weights(name), await weights('a'));
    });
  }

  it('starts from a detector, with frozen statistics', async () => {
    const model = join(runOf('single'), 'model');
    await train('continued', { model: runOf('single'), norms: 'frozen', epochs: 1 });
    const [before, after] = [model, join(runOf('continued'), 'model')].map((folder) =>
      readSafetensors(join(folder, 'model.safetensors')),
    );
    const name = [...before!.keys()].find((key) => key.endsWith('running_var'))!;
    assert.deepEqual(after!.get(name)!.data, before!.get(name)!.data);
  });

  it('stops at a loss that is not finite and keeps the last good checkpoint', async () => {
    const options = { pairs: 1, learningRate: 100, weightDecay: 100, epochs: 30, samRho: 0, checkpointSteps: 1 };
    const message = /Training stopped at step \d+.*The checkpoint of step \d+ is kept/;
    await assert.rejects(train('diverged', options), { code: 'ERR_NONFINITE', message });
  });

  it('refuses data that does not say who is shown', async () => {
    const nobody = join(root, 'nobody');
    await writeSyntheticSet(nobody);
    await assert.rejects(train('nobody', { data: [nobody] }), { code: 'ERR_DATASET', message: /who is shown/ });
  });

  const REFUSED: [what: string, options: FairTrainOptions, expected: object][] = [
    ['an image size that is no multiple of 32', { imageSize: 80 }, { name: 'RangeError', message: /imageSize/ }],
    ['no data', { data: [] }, { name: 'TypeError', message: /--data/ }],
    ['frozen statistics of random weights', { norms: 'frozen' }, { name: 'TypeError', message: /norms/ }],
    ['an attribute that does not exist', { fairnessGroups: 'height' }, { name: 'TypeError' }],
    ['weights that are not there', { model: 'nowhere' }, { code: 'ERR_IO' }],
  ];
  for (const [what, options, expected] of REFUSED) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(async () => train('refused', options), expected);
    });
  }

  it('names one class that is missing', async () => {
    const rows = evenPeople(16, 'train').map((row) => ({ ...row, label: 0 as const }));
    const table = await writePeople(join(root, 'reals'), rows);
    await assert.rejects(train('reals', { data: [table] }), { code: 'ERR_DATASET', message: /real images only/ });
  });

  it('does not resume a run of deepcode train', async () => {
    const path = join(runOf('single'), 'config.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"fair-detector"', '"vit"'));
    await assert.rejects(resume('single'), { code: 'ERR_CONFIG', message: /deepcode fairness train/ });
  });
});
