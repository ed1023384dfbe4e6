/** The weights are random: published ones are not at hand. Their number and shapes are those of the real network. */
import assert from 'node:assert/strict';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { GramComparer, type GramResult } from '../../../ts/generate/gram/index.js';
import { SafetensorsFile } from '../../../ts/weights/safetensors.js';
import { toFloat32Array } from '../../../ts/weights/tensor-data.js';
import { useRandomVgg19 } from '../../support/random-vgg19.js';

type ByLayer = Readonly<Record<string, number>>;
interface Expected {
  seed: number;
  weights: Readonly<Record<string, number[]>>;
  traces: ByLayer;
  sums: ByLayer;
  cases: { features: 'relu' | 'conv'; unnormalized: boolean; distance: 'l1' | 'l2'; ab: ByLayer; ac: ByLayer }[];
}

const expected = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as Expected;
const image = (name: string): string => join(__dirname, `${name}.png`);
const SIZE = 64;
const TOLERANCE = 1e-5;

function assertNear(actual: number, wanted: number, what: string): void {
  const error = Math.abs(actual - wanted) / Math.abs(wanted);
  assert.ok(error <= TOLERANCE, `${what}: ${actual} instead of ${wanted}, relative error ${error}`);
}

function assertLayers({ layers }: GramResult, wanted: ByLayer): void {
  assert.deepEqual(
    layers.map(({ name }) => name),
    Object.keys(wanted),
  );
  for (const { name, distance } of layers) assertNear(distance, wanted[name]!, name);
}

describe('Gram matrices of VGG-19 against PyTorch', () => {
  const weights = useRandomVgg19(expected.seed);
  const load = (options = {}): Promise<GramComparer> => GramComparer.load(weights(), { size: SIZE, device: 'cpu', ...options });

  it('draws the weights that the reference drew', async () => {
    const file = await SafetensorsFile.open(weights());
    for (const [name, values] of Object.entries(expected.weights)) {
      const data = toFloat32Array(await file.tensor(`features.${name}`));
      assert.deepEqual([...data.subarray(0, values.length)], values);
    }
    file.close();
  });

  for (const { ab, ac, ...options } of expected.cases) {
    it(`gives the distances of every layer: ${JSON.stringify(options)}`, async () => {
      const comparer = await load(options);
      const results = await comparer.distances(image('a'), [image('b'), image('c')]);
      assertLayers(results[0]!, ab);
      assertLayers(results[1]!, ac);
      const sum = Object.values(ab).reduce((total, value) => total + value, 0);
      assertNear(results[0]!.distance, sum, 'sum');
      comparer.dispose();
    });
  }

  it('gives the matrices themselves', async () => {
    const comparer = await load();
    const grams = await comparer.grams(image('a'));
    const sides = [64, 128, 256, 512, 512];
    let start = 0;
    for (const [i, [name, trace]] of Object.entries(expected.traces).entries()) {
      const side = sides[i]!;
      const matrix = grams.subarray(start, (start += side * side));
      let diagonal = 0;
      for (let j = 0; j < side; j++) diagonal += matrix[j * side + j]!;
      assertNear(diagonal, trace, `trace of ${name}`);
      assertNear(
        matrix.reduce((sum, value) => sum + value, 0),
        expected.sums[name]!,
        `sum of ${name}`,
      );
    }
    assert.equal(start, grams.length);
    comparer.dispose();
  });

  it('weighs layers, in the order of the network, and computes no more than it needs', async () => {
    const { ab } = expected.cases[0]!;
    const comparer = await load({ layers: 'conv2_1:0.5, conv1_1:2' });
    const { distance, layers } = await comparer.distance(image('a'), image('b'));
    assert.deepEqual(
      layers.map(({ name, weight }) => [name, weight]),
      [
        ['conv1_1', 2],
        ['conv2_1', 0.5],
      ],
    );
    assertNear(distance, 2 * ab.conv1_1! + 0.5 * ab.conv2_1!, 'weighted');
    comparer.dispose();
  });

  it('is stable to the bit from run to run, symmetric, and 0 for equal images', async () => {
    const [first, second] = [await load(), await load()];
    const once = await first.distance(image('a'), image('b'));
    assert.deepEqual(await first.distance(image('a'), image('b')), once);
    assert.deepEqual(await second.distance(image('a'), image('b')), once);
    assertNear((await first.distance(image('b'), image('a'))).distance, once.distance, 'symmetry');
    assert.equal((await first.distance(image('a'), image('a'))).distance, 0);
    first.dispose();
    second.dispose();
  });

  it('compares more images than a batch holds, and reports those that cannot be read', async () => {
    const comparer = await load({ batchSize: 2 });
    const [b, c] = await comparer.distances(image('a'), [image('b'), image('c')]);
    const broken = Buffer.from('no image');
    const outcomes = [];
    for await (const outcome of comparer.compareAll(image('a'), [broken, image('b'), broken, image('c')])) outcomes.push(outcome);
    assert.deepEqual(
      outcomes.map(({ error }) => error?.code),
      ['ERR_IMAGE', undefined, 'ERR_IMAGE', undefined],
    );
    assertNear(outcomes[1]!.result!.distance, b!.distance, 'b');
    assertNear(outcomes[3]!.result!.distance, c!.distance, 'c');
    await assert.rejects(comparer.distances(image('a'), [image('b'), broken]), { code: 'ERR_IMAGE' });
    await assert.rejects(comparer.distance(broken, image('a')), { code: 'ERR_IMAGE' });
    comparer.dispose();
  });

  it('reports a stream that failed before its turn, and closes those that it does not come to', async () => {
    const comparer = await load({ batchSize: 2 });
    const missing = (): Readable => createReadStream('/nonexistent/a.png');
    const outcomes = [];
    for await (const { error } of comparer.compareAll(image('a'), [image('b'), image('c'), missing()])) outcomes.push(error?.code);
    assert.deepEqual(outcomes, [undefined, undefined, 'ERR_IO']);
    const late = new Readable({ read: () => undefined });
    await assert.rejects(comparer.distances(missing(), [image('b'), late, missing()]), { code: 'ERR_IO' });
    assert.equal(late.destroyed, true);
    comparer.dispose();
  });
});

describe('GramComparer', () => {
  const weights = useRandomVgg19(1);

  it('stops when it is told to, and works on', async () => {
    const comparer = await GramComparer.load(weights(), { size: 256 });
    const abort = new AbortController();
    const running = comparer.distance(image('a'), image('b'), { signal: abort.signal });
    abort.abort();
    await assert.rejects(running, { name: 'AbortError' });
    assert.ok((await comparer.distance(image('a'), image('b'))).distance > 0);
    comparer.dispose();
    comparer.dispose();
    await assert.rejects(comparer.distance(image('a'), image('b')), { code: 'ERR_DISPOSED' });
  });

  it('refuses a checkpoint of another network', async () => {
    const other = join(__dirname, '..', 'safety_checker', 'model.safetensors');
    await assert.rejects(GramComparer.load(other), { code: 'ERR_WEIGHTS_MISSING' });
  });
});
