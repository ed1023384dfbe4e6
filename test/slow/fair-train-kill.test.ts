import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMetrics, type MetricsLine } from '../../ts/detect/train/metrics-log.js';
import { evenPeople, writePeople } from '../support/people-set.js';
import { trainFairInChild } from '../support/train-kill.js';

const KILLS = 40;
const SHAPE = {
  imageSize: 64,
  width: 1 / 16,
  epochs: 60,
  pairs: 4,
  learningRate: 1e-2,
  trainSamples: 16,
  valSamples: 8,
  batchSize: 8,
  checkpointSteps: 2,
  resume: true,
  device: 'cpu',
  threads: 1,
} as const;

describe('training the fairness-aware detector under kill -9', function () {
  this.timeout(3_600_000);
  let root: string;
  before(async () => void (root = await mkdtemp(join(tmpdir(), 'deepcode-fair-kill-'))));
  after(() => rm(root, { recursive: true, force: true }));

  const read = (run: string, file: string): Promise<Buffer> => readFile(join(root, run, file));
  /** Without what depends on the clock. */
  async function metrics(run: string): Promise<MetricsLine[]> {
    const lines = parseMetrics((await read(run, 'metrics.jsonl')).toString());
    return lines.map((line) => ('val_loss' in line ? { ...line, seconds: 0 } : { ...line, images_per_s: 0 }));
  }

  it(`ends with the losses and weights of an uninterrupted run after ${KILLS} kills`, async () => {
    const people = await writePeople(join(root, 'people'), [...evenPeople(16, 'train'), ...evenPeople(8, 'valid')]);
    const options = (run: string) => ({ ...SHAPE, data: [people], out: join(root, run) });
    const whole = await trainFairInChild(options('whole'));
    assert.equal(whole.status, 0, whole.stderr);
    let killed = 0;
    for (let i = 0; i < KILLS; i++) {
      const { status, stderr } = await trainFairInChild(options('killed'), { steps: 1 + (i % 3), delay: (11 * i) % 60 });
      assert.ok(status === null || status === 0, stderr);
      if (status === null) killed++;
    }
    assert.equal(killed, KILLS);
    const last = await trainFairInChild(options('killed'));
    assert.equal(last.status, 0, last.stderr);
    assert.deepEqual(await metrics('killed'), await metrics('whole'));
    for (const file of ['model/model.safetensors', 'model-last/model.safetensors', 'model/detector.json']) {
      assert.ok((await read('killed', file)).equals(await read('whole', file)), file);
    }
    const entries = await readdir(join(root, 'killed', 'checkpoints'));
    assert.ok(entries.every((entry) => /^epoch-\d+$/.test(entry)), entries.join());
  });
});
