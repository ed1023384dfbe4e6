import assert from 'node:assert/strict';
import { trainInChild } from '../../support/train-kill.js';
import { TINY_OPTIONS, TrainingPlace } from '../../support/training.js';

describe('train, killed', function () {
  this.timeout(600_000);
  let place: TrainingPlace;
  before(async () => void (place = await TrainingPlace.create()));
  after(() => place.remove());

  it('continues from its last checkpoint with the same losses and weights', async () => {
    const shape = { epochs: 4, checkpointSteps: 2 };
    await place.train('whole', shape);
    const options = {
      data: [place.data],
      model: place.model,
      ...TINY_OPTIONS,
      ...shape,
      resume: true,
      out: place.run('killed'),
    };
    const first = await trainInChild(options, { steps: 5, delay: 5 });
    const second = await trainInChild(options, { steps: 3, delay: 1 });
    assert.deepEqual([first.status, second.status], [null, null], first.stderr + second.stderr);
    await place.resume('killed');
    assert.deepEqual(await place.metrics('killed'), await place.metrics('whole'));
    const [killed, whole] = await Promise.all(
      ['killed', 'whole'].map((name) => place.read(name, 'adapter/adapter_model.safetensors')),
    );
    assert.ok(killed!.equals(whole!));
  });
});
