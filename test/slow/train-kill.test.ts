import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { trainInChild } from '../support/train-kill.js';
import { TINY_OPTIONS, TrainingPlace } from '../support/training.js';

const FILES = ['adapter/adapter_model.safetensors', 'adapter-last/adapter_model.safetensors', 'adapter/detector.json'];
/** Enough steps that no run ends before it was killed often enough. */
const EPOCHS = 300;

/** Kills a run `kills` times, a few steps and milliseconds into each life, then lets it finish. */
async function killAndFinish(place: TrainingPlace, name: string, kills: number, checkpointSteps: number): Promise<number> {
  const shape = { ...TINY_OPTIONS, epochs: EPOCHS, checkpointSteps, resume: true };
  const options = { data: [place.data], model: place.model, ...shape, out: place.run(name) };
  let killed = 0;
  for (let i = 0; i < kills; i++) {
    const { status, stderr } = await trainInChild(options, { steps: 1 + (i % 5), delay: (7 * i) % 20 });
    assert.ok(status === null || status === 0, stderr);
    if (status === null) killed++;
  }
  const { status, stderr } = await trainInChild(options);
  assert.equal(status, 0, stderr);
  return killed;
}

describe('training under kill -9', function () {
  this.timeout(3_600_000);
  let place: TrainingPlace;
  before(async () => {
    place = await TrainingPlace.create();
    await place.train('whole', { epochs: EPOCHS });
  });
  after(() => place.remove());

  async function checkSame(name: string): Promise<void> {
    assert.deepEqual(await place.metrics(name), await place.metrics('whole'));
    for (const file of FILES) {
      assert.ok((await place.read(name, file)).equals(await place.read('whole', file)), file);
    }
    const entries = await readdir(`${place.run(name)}/checkpoints`);
    assert.ok(entries.every((entry) => /^epoch-\d+$/.test(entry)), entries.join());
  }

  it('ends with the losses and weights of an uninterrupted run after 200 kills in training', async () => {
    assert.equal(await killAndFinish(place, 'killed', 200, 3), 200);
    await checkSame('killed');
  });

  it('ends so after 50 kills of a run that saves after every step', async () => {
    assert.equal(await killAndFinish(place, 'saving', 50, 1), 50);
    await checkSame('saving');
  });
});
