import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEEPFACE_FILES } from '../../../ts/attributes/deepface.js';
import { fromDeepFace } from '../../../ts/attributes/network-outputs.js';
import type { RgbImage } from '../../../ts/data/rgb-image.js';
import { callNative } from '../../../ts/native.js';
import type { NativeDeepFace } from '../../../ts/native/deepface.js';
import { assertClose } from '../../support/closeness.js';
import { deepFaceWeights, syntheticPicture } from '../../support/face-networks.js';

type Result = Readonly<Record<string, unknown>>;
interface Row {
  width: number;
  height: number;
  result: Result;
}

const ROWS = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as Row[];

async function read(network: NativeDeepFace, pictures: readonly RgbImage[]): Promise<Record<string, Float32Array>> {
  const sizes = { widths: pictures.map(({ width }) => width), heights: pictures.map(({ height }) => height) };
  return callNative(undefined, (_, token) => network.read(Buffer.concat(pictures.map(({ data }) => data)), sizes, token));
}

/** Whole numbers and names are equal, percentages to 1e-4. */
function assertResult(actual: Result, expected: Result): void {
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    if (typeof value !== 'object') assert.equal(actual[name], value, name);
    else {
      const scores = actual[name] as Record<string, number>;
      assert.deepEqual(Object.keys(scores), Object.keys(value!), name);
      assertClose(Float32Array.from(Object.values(scores)), Float32Array.from(Object.values(value as object)), 1e-4);
    }
  }
}

describe("DeepFace's networks against DeepFace's analyze", () => {
  const pictures = ROWS.map(({ width, height }) => syntheticPicture(width, height));
  let folder: string;
  let network: NativeDeepFace;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
    await deepFaceWeights(folder);
    const files = Object.fromEntries(Object.entries(DEEPFACE_FILES).map(([attribute, file]) => [attribute, join(folder, file)]));
    const spec = { ...(files as Record<keyof typeof DEEPFACE_FILES, string>), device: 'cpu', dtype: 'fp32' as const };
    network = await callNative(undefined, (addon, token) => addon.deepFaceLoad(spec, token));
  });
  after(() => {
    network.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [i, { width, height, result }] of ROWS.entries()) {
    it(`reads a picture of ${width} x ${height}`, async () => assertResult(fromDeepFace(await read(network, [pictures[i]!])), result));
  }

  it('computes convolutions that two files share once', () => assert.equal(network.trunks, 2));

  it('gives every one of many faces what it gets alone', async () => {
    const many = await read(network, [...pictures, ...pictures, ...pictures]);
    const alone = await read(network, [pictures[1]!]);
    for (const [name, values] of Object.entries(alone)) {
      assert.equal(many[name]!.length, values.length * 15);
      assertClose(many[name]!.slice(values.length * 11, values.length * 12), values, 1e-5);
    }
  });
});
