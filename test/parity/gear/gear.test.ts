import { join } from 'node:path';
import { NETWORK_USES } from '../../../ts/attributes/attribute-networks.js';
import { callNative } from '../../../ts/native.js';
import type { NativeAttributeNetwork } from '../../../ts/native/faces.js';
import { assertClose } from '../../support/closeness.js';
import { openAttributes, pulledModels, syntheticImages } from '../../support/face-networks.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';

const SMALL: NativeAttributeNetwork = {
  network: 'gear',
  options: { channels: [4, 8, 12, 16, 20, 24], ageHidden: 16, genderHidden: 16, raceHidden: 16 },
};

async function compare(weights: string, network: NativeAttributeNetwork, fixture: string): Promise<void> {
  const expected = readSafetensors(join(__dirname, fixture));
  const gear = await openAttributes(weights, network);
  const outputs = await callNative(undefined, (_, token) => gear.read(syntheticImages(198, 3), 2, token));
  for (const name of ['age', 'gender', 'race']) assertClose(outputs[name]!, floatsOf(expected, name), 1e-4);
  gear.dispose();
}

describe('GEAR against its graph', () => {
  it('gives the outputs of a narrow network', () => compare(join(__dirname, 'small.safetensors'), SMALL, 'small-expected.safetensors'));

  it('gives the outputs of the npm package', async function () {
    const models = pulledModels();
    if (models === undefined) return this.skip();
    await compare(join(models, 'gear.safetensors'), NETWORK_USES.gear.native, 'expected.safetensors');
  });
});
