/** Graph models as somebody may have made them: refused with a typed error, and nothing is lost. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { decodeGraphModel, readGraphModel } from '../../ts/attributes/graph-model.js';
import { modelJson, type ModelJson, type Weight } from '../support/graph-model-bytes.js';
import { rejectsTyped } from '../support/hub-case.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const HALF = { dtype: 'float16' };
const BYTE = { dtype: 'uint8', scale: 0.5, min: -1 };
const weights = (): Weight[] => [
  { name: 'plain', shape: [2], dtype: 'float32' },
  { name: 'bytes', shape: [2, 2], dtype: 'float32', quantization: { ...BYTE } },
  { name: 'half', shape: [1], dtype: 'float32', quantization: { ...HALF } },
  { name: 'axes', shape: [1], dtype: 'int32' },
];

/** 1, 2; bytes 0 2 4 255; 1.5; 7. */
const BYTES = Buffer.concat([
  Buffer.from(new Float32Array([1, 2]).buffer),
  Buffer.from([0, 2, 4, 255]),
  Buffer.from(new Uint16Array([0x3e00]).buffer),
  Buffer.from(new Int32Array([7]).buffer),
]);

type Change = (model: ModelJson) => void;
const first = (model: ModelJson): Weight => model.weightsManifest[0]!.weights[0]!;
const node = (model: ModelJson, name: string) => model.modelTopology.node.find((entry) => entry.name === name)!;
/** Both in the manifest and in the graph. */
const reshape = (shape: unknown[]): Change => (model) => {
  first(model).shape = shape as number[];
  const dim = shape.map((size) => ({ size: String(size) }));
  node(model, 'plain').attr = { dtype: { type: 'DT_FLOAT' }, value: { tensor: { tensorShape: { dim } } } };
};
const quantize = (quantization: unknown): Change => (model) => {
  model.weightsManifest[0]!.weights[1]!.quantization = quantization as Record<string, unknown>;
};
const shards = (...paths: unknown[]): Change => (model) => {
  model.weightsManifest[0]!.paths = paths as string[];
};

const BROKEN: [what: string, change: Change][] = [
  ['another format', (model) => (model.format = 'layers-model')],
  ['no topology', (model) => delete (model as Partial<ModelJson>).modelTopology],
  ['nodes that are no list', (model) => (model.modelTopology.node = {} as never)],
  ['no manifest', (model) => delete (model as Partial<ModelJson>).weightsManifest],
  ['too many nodes', (model) => model.modelTopology.node.push(...Array<never>(10_001).fill({ name: 'x', op: 'Relu' } as never))],
  ['a node without a name', (model) => delete (node(model, 'sum') as { name?: string }).name],
  ['a node without an op', (model) => delete (node(model, 'sum') as { op?: string }).op],
  ['a node twice', (model) => model.modelTopology.node.push({ name: 'sum', op: 'Relu' })],
  ['an input that is not there', (model) => node(model, 'sum').input!.push('nobody')],
  ['an input that is a number', (model) => node(model, 'sum').input!.push(7 as never)],
  ['a weight twice', (model) => model.weightsManifest[0]!.weights.push(first(model))],
  ['a weight without a node', (model) => (first(model).name = 'stray')],
  ['a weight for a node that is no constant', (model) => (node(model, 'plain').op = 'Placeholder')],
  ['a constant without weights', (model) => model.weightsManifest[0]!.weights.shift()],
  ['a shape other than the graph says', (model) => (first(model).shape = [1, 2])],
  ['a dtype other than the graph says', (model) => (first(model).dtype = 'int32')],
  ['a dtype that is not known', (model) => (first(model).dtype = 'string')],
  ['__proto__ as a dtype', (model) => (first(model).dtype = '__proto__')],
  ['a negative size', reshape([-2])],
  ['a size that is a fraction', reshape([1.5])],
  ['a size that is a text', reshape(['2'])],
  ['nine dimensions', reshape(Array<number>(9).fill(1))],
  ['a product that overflows', reshape([2 ** 40, 2 ** 40])],
  ['more values than the file has', reshape([3])],
  ['fewer values than the file has', reshape([1])],
  ['many more values than the file has', reshape([2 ** 27])],
  ['a quantisation that is not known', quantize({ dtype: 'int4', scale: 1, min: 0 })],
  ['a quantisation of null', quantize(null)],
  ['no scale', quantize({ dtype: 'uint8', min: 0 })],
  ['a scale that is a text', quantize({ dtype: 'uint8', scale: '1', min: 0 })],
  ['an infinite scale', quantize({ dtype: 'uint8', scale: 1e999, min: 0 })],
  ['half precision of whole numbers', (model) => (model.weightsManifest[0]!.weights[3]!.quantization = { ...HALF })],
  ['no weight file', shards()],
  ['a weight file twice', shards('w.bin', 'w.bin')],
  ['a weight file in another folder', shards('../w.bin')],
  ['a weight file at the root', shards('/etc/passwd')],
  ['a weight file behind a link', shards('a/../w.bin')],
  ['a weight file on the web', shards('https://example.org/w.bin')],
  ['a hidden weight file', shards('.w.bin')],
  ['a weight file with NUL', shards('w.bin\0')],
  ['a weight file that is a number', shards(7)],
];

const TEXTS: [what: string, text: Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['no JSON', Buffer.from('{')],
  ['null', Buffer.from('null')],
  ['a list', Buffer.from('[]')],
  ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ['brackets 100,000 deep', Buffer.from('['.repeat(100_000))],
  ['17 MB', Buffer.alloc(17 * 2 ** 20, ' ')],
];

describe('hostile graph models', () => {
  const at = useTemporaryFolder();
  const write = (model: unknown): string => {
    writeFileSync(at('w.bin'), BYTES);
    writeFileSync(at('model.json'), Buffer.isBuffer(model) ? model : JSON.stringify(model));
    return at('model.json');
  };

  async function assertGoodOneIsRead(): Promise<void> {
    const read = await readGraphModel(write(modelJson(weights(), 'w.bin')));
    const values = [...read.weights].map(([name, { dtype, shape, data }]) => [name, dtype, shape, [...(data as Float32Array)]]);
    assert.deepEqual(values, [
      ['plain', 'F32', [2], [1, 2]],
      ['bytes', 'F32', [2, 2], [-1, 0, 1, 126.5]],
      ['half', 'F32', [1], [1.5]],
      ['axes', 'I32', [1], [7]],
    ]);
    assert.deepEqual(read.nodes.get('sum'), { name: 'sum', op: 'AddN', inputs: ['plain', 'bytes', 'half', 'axes'] });
  }

  it('are told from a good one', assertGoodOneIsRead);

  for (const [what, change] of BROKEN) {
    it(`are refused with ${what}`, async () => {
      const model = modelJson(weights(), 'w.bin');
      change(model);
      await rejectsTyped(readGraphModel(write(model)), 'ERR_WEIGHTS_FORMAT', /refused/, [at(), '/etc']);
      await assertGoodOneIsRead();
    });
  }

  for (const [what, text] of TEXTS) {
    it(`are refused when model.json holds ${what}`, async () => {
      await rejectsTyped(readGraphModel(write(text)), 'ERR_WEIGHTS_FORMAT', /refused/, [at()]);
    });
  }

  it('are refused with NaN or infinity, also from scales', async () => {
    const infinite = Buffer.from(BYTES);
    infinite.writeUInt16LE(0x7c00, 12);
    const json = Buffer.from(JSON.stringify(modelJson(weights(), 'w.bin')));
    await rejectsTyped(decodeGraphModel(json, async () => infinite), 'ERR_WEIGHTS_NONFINITE', /"half"/);
    const model = modelJson(weights(), 'w.bin');
    quantize({ dtype: 'uint8', scale: 1e300, min: 0 })(model);
    await rejectsTyped(readGraphModel(write(model)), 'ERR_WEIGHTS_NONFINITE', /"bytes"/);
  });

  it('without their files say which one', async () => {
    await rejectsTyped(readGraphModel(at('none.json')), 'ERR_IO', /none\.json.*ENOENT/, [at()]);
    const model = modelJson(weights(), 'other.bin');
    await rejectsTyped(readGraphModel(write(model)), 'ERR_IO', /other\.bin.*ENOENT/, [at()]);
    mkdirSync(at('folder.json'));
    await rejectsTyped(readGraphModel(at('folder.json')), 'ERR_IO', /EISDIR/, [at()]);
  });

  it('may have several files and groups', async () => {
    const model = modelJson(weights(), 'a.bin');
    const [group] = model.weightsManifest;
    model.weightsManifest = [
      { paths: ['a.bin', 'b.bin'], weights: group!.weights.slice(0, 2) },
      { paths: ['c.bin'], weights: group!.weights.slice(2) },
    ];
    const parts: Record<string, Buffer> = { 'a.bin': BYTES.subarray(0, 3), 'b.bin': BYTES.subarray(3, 12), 'c.bin': BYTES.subarray(12) };
    const read = await decodeGraphModel(Buffer.from(JSON.stringify(model)), async (name) => parts[name]!);
    assert.deepEqual([...(read.weights.get('plain')!.data as Float32Array)], [1, 2]);
    assert.deepEqual([...(read.weights.get('axes')!.data as Int32Array)], [7]);
  });
});
