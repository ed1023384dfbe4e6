import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseUnetConfig } from '../../../ts/generate/config/unet-config.js';
import { callNative } from '../../../ts/native.js';
import type { NativeUnet, NativeUnetSpec } from '../../../ts/native/unet.js';
import { assertClose, relativeError } from '../../support/closeness.js';
import { expectedUnet, openUnet, type ExpectedUnet } from '../../support/parity-unet.js';

const CASES = ['sd1', 'sd2', 'lcm-no-middle', 'variations'];

const folderOf = (name: string): string => join(__dirname, name);
const open = (name: string, changes: Partial<NativeUnetSpec> = {}): Promise<NativeUnet> => openUnet(folderOf(name), changes);

/** The prediction for timestep `i` of the fixture, of rows `from` to `to` of the batch. */
function predict(unet: NativeUnet, expected: ExpectedUnet, i: number, from = 0, to = expected.input.count): Promise<Float32Array> {
  const { input, timesteps } = expected;
  const count = to - from;
  const rows = (values: Float32Array): Float32Array => {
    const one = values.length / input.count;
    return values.slice(from * one, to * one);
  };
  return callNative(undefined, (_, token) =>
    unet.forward(
      {
        ...input,
        count,
        latents: rows(input.latents),
        text: rows(input.text),
        timestepCond: input.timestepCond && rows(input.timestepCond),
        timesteps: new Float32Array(count).fill(timesteps[i]!),
      },
      token,
    ),
  );
}

describe('UNet against diffusers', () => {
  for (const name of CASES) {
    it(`predicts diffusers' noise at three timesteps: ${name}`, async () => {
      const expected = expectedUnet(folderOf(name));
      const unet = await open(name);
      assert.equal(expected.outputs.length, 3);
      for (const [i, output] of expected.outputs.entries()) {
        assertClose(await predict(unet, expected, i), output, 1e-5);
      }
      unet.dispose();
    });
  }

  it('predicts the same for one row alone as in a batch', async () => {
    const expected = expectedUnet(folderOf('sd1'));
    const unet = await open('sd1');
    const whole = await predict(unet, expected, 0);
    const half = whole.length / 2;
    assertClose(await predict(unet, expected, 0, 0, 1), whole.subarray(0, half), 1e-5);
    assertClose(await predict(unet, expected, 0, 1, 2), whole.subarray(half), 1e-5);
    unet.dispose();
  });

  it('gives each row its own timestep', async () => {
    const expected = expectedUnet(folderOf('sd1'));
    const { input, outputs, timesteps } = expected;
    const unet = await open('sd1');
    const mixed = await callNative(undefined, (_, token) =>
      unet.forward({ ...input, timesteps: Float32Array.of(timesteps[0]!, timesteps[2]!) }, token),
    );
    const half = mixed.length / 2;
    assertClose(mixed.subarray(0, half), outputs[0]!.subarray(0, half), 1e-5);
    assertClose(mixed.subarray(half), outputs[2]!.subarray(half), 1e-5);
    unet.dispose();
  });

  it('is not recorded on a processor', async () => {
    const expected = expectedUnet(folderOf('sd1'));
    const unet = await open('sd1');
    for (const i of [0, 1, 2]) await predict(unet, expected, i);
    assert.equal(await callNative(undefined, (_, token) => unet.recorded(token)), false);
    unet.dispose();
  });

  it('is near to fp32 in bf16, and not equal', async () => {
    const expected = expectedUnet(folderOf('sd1'));
    const unet = await open('sd1', { dtype: 'bf16' });
    const error = relativeError(await predict(unet, expected, 0), expected.outputs[0]!);
    assert.ok(error > 1e-5 && error < 0.1, `relative error ${error}`);
    unet.dispose();
  });

  it('refuses weights of another width, naming the tensor', async () => {
    const config: unknown = JSON.parse(readFileSync(join(folderOf('sd1'), 'config.json'), 'utf8'));
    const unet = parseUnetConfig({ ...(config as object), in_channels: 5 }, 'config.json');
    await assert.rejects(open('sd1', { unet }), { code: 'ERR_WEIGHTS_SHAPE', message: /conv_in\.weight/ });
  });

  it('refuses weights that lack a block, naming a tensor of it', async () => {
    const config: unknown = JSON.parse(readFileSync(join(folderOf('lcm-no-middle'), 'config.json'), 'utf8'));
    const unet = parseUnetConfig({ ...(config as object), mid_block_type: 'UNetMidBlock2D' }, 'config.json');
    await assert.rejects(open('lcm-no-middle', { unet }), { code: 'ERR_WEIGHTS_MISSING', message: /mid_block/ });
  });

  it('refuses inputs that do not fit together', async () => {
    const { input } = expectedUnet(folderOf('sd1'));
    const unet = await open('sd1');
    const forward = (changes: Partial<typeof input>): Promise<Float32Array> =>
      callNative(undefined, (_, token) => unet.forward({ ...input, timesteps: new Float32Array(input.count), ...changes }, token));
    await assert.rejects(forward({ latents: input.latents.slice(1) }), RangeError);
    await assert.rejects(forward({ timestepCond: new Float32Array(3) }), RangeError);
    const poisoned = input.latents.slice().fill(NaN, 0, 1);
    await assert.rejects(forward({ latents: poisoned }), { code: 'ERR_NONFINITE' });
    unet.dispose();
  });

  it('stops when it is aborted', async () => {
    const { input } = expectedUnet(folderOf('sd1'));
    const unet = await open('sd1');
    const controller = new AbortController();
    const call = callNative(controller.signal, (_, token) =>
      unet.forward({ ...input, timesteps: new Float32Array(input.count) }, token),
    );
    controller.abort();
    await assert.rejects(call, { name: 'AbortError' });
    unet.dispose();
  });
});
