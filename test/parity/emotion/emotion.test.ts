import { join } from 'node:path';
import { NETWORK_USES } from '../../../ts/attributes/attribute-networks.js';
import { callNative } from '../../../ts/native.js';
import type { NativeAttributeNetwork } from '../../../ts/native/faces.js';
import { assertClose } from '../../support/closeness.js';
import { openAttributes, pulledModels, syntheticImages } from '../../support/face-networks.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';

async function compare(weights: string, network: NativeAttributeNetwork, fixture: string): Promise<void> {
  const expected = readSafetensors(join(__dirname, fixture));
  const reader = await openAttributes(weights, network);
  const { emotion } = await callNative(undefined, (_, token) => reader.read(syntheticImages(64, 1), 2, token));
  assertClose(emotion!, floatsOf(expected, 'emotion'), 1e-4);
  reader.dispose();
}

describe('mini-Xception against its graph', () => {
  it('gives the outputs of a narrow network', () =>
    compare(
      join(__dirname, 'small.safetensors'),
      { network: 'emotion', options: { channels: [4, 8, 16, 32] } },
      'small-expected.safetensors',
    ));

  it('gives the outputs of the npm package', async function () {
    const models = pulledModels();
    if (models === undefined) return this.skip();
    await compare(join(models, 'emotion.safetensors'), NETWORK_USES.emotion.native, 'expected.safetensors');
  });
});
