import assert from 'node:assert/strict';
import { join } from 'node:path';
import { callNative } from '../../../ts/native.js';
import { assertClose, relativeError } from '../../support/closeness.js';
import { logitsOf, openDetector } from '../../support/parity-network.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';

const NETWORKS = {
  'class-token': join(__dirname, '..', 'lora', 'base'),
  mean: join(__dirname, '..', 'vit', 'registers-average'),
};
const STORED = readSafetensors(join(__dirname, 'maps.safetensors'));
const IMAGES = STORED.get('images')!.data;
const COUNT = 2;

describe('Gradient-weighted attention rollout against hooks on timm', () => {
  for (const [name, folder] of Object.entries(NETWORKS)) {
    for (const direction of [1, -1] as const) {
      it(`gives the same map: ${name}, ${direction > 0 ? 'fake' : 'real'}`, async () => {
        const detector = await openDetector(folder);
        const map = await callNative(undefined, (_, token) => detector.heatmap(IMAGES, COUNT, direction, token));
        assertClose(map, floatsOf(STORED, `${name}.${direction}`), 1e-4);
        assert.ok(map.every((value) => value >= 0));
        detector.dispose();
      });
    }
  }

  it('argues differently for each class', () => {
    assert.ok(relativeError(floatsOf(STORED, 'class-token.1'), floatsOf(STORED, 'class-token.-1')) > 0.01);
  });

  it('leaves the scores as they were', async () => {
    const detector = await openDetector(NETWORKS['class-token']);
    const before = await logitsOf(detector, IMAGES, COUNT);
    await callNative(undefined, (_, token) => detector.heatmap(IMAGES, COUNT, 1, token));
    assert.deepEqual(await logitsOf(detector, IMAGES, COUNT), before);
    detector.dispose();
  });
});
