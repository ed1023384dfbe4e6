/** Detector with real, small networks: what goes in, what comes out, and how calls end. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { prepareImage } from '../../ts/data/preprocess.js';
import { Detector } from '../../ts/detect/detector.js';
import type { Detection } from '../../ts/detect/detection.js';
import {
  defaultDetectorJson,
  formatDetectorJson,
  type DetectorJson,
} from '../../ts/detect/detector-json.js';
import { writeSafetensors } from '../../ts/weights/safetensors.js';
import type { TensorData } from '../../ts/weights/tensor-data.js';
import { writeRandomVit } from '../support/random-vit.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';
import { preprocessingOf } from '../support/preprocessing.js';

const SAMPLES = join(__dirname, '..', 'data', 'samples');
const FILES = readdirSync(SAMPLES)
  .filter((name) => name.endsWith('.jpg'))
  .sort()
  .map((name) => join(SAMPLES, name));
const PREPROCESSING = preprocessingOf(64);

const scoresOf = (detections: readonly Detection[]): number[] =>
  detections.map(({ score }) => score);
const cpu = { device: 'cpu' } as const;

function writeDetectorJson(folder: string, changes: Partial<DetectorJson>): void {
  writeFileSync(
    join(folder, 'detector.json'),
    formatDetectorJson({ ...defaultDetectorJson(PREPROCESSING), ...changes }),
  );
}

/** A rank-2 adapter on qkv with a new head of two classes. */
async function writeAdapter(
  folder: string,
  base: string | null,
  depth = 2,
  dim = 32,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const config = {
    peft_type: 'LORA',
    r: 2,
    lora_alpha: 4,
    lora_dropout: 0.1,
    target_modules: ['qkv'],
    modules_to_save: ['head'],
    base_model_name_or_path: base,
  };
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(config));
  const wave = (shape: number[], phase: number): TensorData => ({
    dtype: 'F32',
    shape,
    data: Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => 0.1 * Math.sin(i * 0.7 + phase),
    ),
  });
  const tensors: Record<string, TensorData> = {
    'base_model.model.head.weight': wave([2, dim], 1),
    'base_model.model.head.bias': wave([2], 2),
  };
  for (let i = 0; i < depth; i++) {
    tensors[`base_model.model.blocks.${i}.attn.qkv.lora_A.weight`] = wave([2, dim], i);
    tensors[`base_model.model.blocks.${i}.attn.qkv.lora_B.weight`] = wave([3 * dim, 2], i + 5);
  }
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors);
  return folder;
}

describe('Detector.load', () => {
  const at = useTemporaryFolder();

  it('describes what it loaded', async () => {
    const folder = writeRandomVit(at('vit'));
    writeDetectorJson(folder, {
      temperature: 2,
      threshold: 0.4,
      unsure: { from: 0.3, to: 0.6 },
      weightsTerms: 'for tests',
    });
    using detector = await Detector.load(folder, cpu);
    const { info } = detector;
    assert.deepEqual(
      [info.model, info.adapter, info.device, info.dtype, info.labels],
      [folder, undefined, 'cpu', 'fp32', ['real', 'fake']],
    );
    assert.deepEqual(
      [info.inputSize, info.temperature, info.threshold, info.terms],
      [[3, 64, 64], 2, 0.4, 'for tests'],
    );
    assert.deepEqual(detector.unsureBand, { from: 0.3, to: 0.6 });
    // 3 x 16 x 16 x 32 + 32 (patches), 17 x 32 + 32 (positions, class), 2 x 12,704 (blocks), 64 + 66 (norm, head).
    assert.equal(info.parameters, 24_608 + 576 + 2 * 12_704 + 64 + 66);
  });

  it('finds an adapter, its base, and both through a run of training', async () => {
    const base = writeRandomVit(at('base'), { numClasses: 1000 });
    const adapter = await writeAdapter(at('run', 'adapter'), '../../base');
    const score = async (model?: string, options = {}): Promise<number> => {
      using detector = await Detector.load(model, { ...cpu, ...options });
      assert.equal(detector.info.adapter, adapter);
      return (await detector.detect(FILES[0]!)).score;
    };
    const expected = await score(base, { adapter });
    assert.deepEqual(
      [await score(adapter), await score(at('run')), await score(undefined, { adapter })],
      [expected, expected, expected],
    );
  });

  it('reads the first two logits of a frozen ImageNet head', async () => {
    const folder = writeRandomVit(at('vit'), { numClasses: 10 });
    await assert.rejects(Detector.load(folder, cpu), {
      code: 'ERR_CONFIG',
      message: /10 classes, but a detector has 2/,
    });
    writeDetectorJson(folder, { head: 'frozen-imagenet' });
    using detector = await Detector.load(folder, cpu);
    assert.equal((await detector.detect(FILES[0]!)).logits.length, 2);
  });

  it('refuses a classifier whose labels are others', async () => {
    const folder = writeRandomVit(at('vit'));
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({ ...config, label_names: ['fake', 'real'] }),
    );
    await assert.rejects(Detector.load(folder, cpu), {
      code: 'ERR_CONFIG',
      message: /its labels are \["fake","real"\]/,
    });
  });

  it('says what is missing or wrong', async () => {
    mkdirSync(at('empty'));
    mkdirSync(at('broken'));
    writeFileSync(at('broken', 'model.safetensors'), '');
    writeFileSync(at('broken', 'config.json'), '{');
    const orphan = await writeAdapter(at('orphan'), null);
    const lost = await writeAdapter(at('lost'), './not-there');
    const vit = writeRandomVit(at('vit'));
    const cases: [string | undefined, object, string, RegExp][] = [
      [at('nothing'), {}, 'ERR_IO', /no model folder/],
      [at('empty'), {}, 'ERR_IO', /holds no detector/],
      [at('broken'), {}, 'ERR_CONFIG', /broken\/config\.json is not valid JSON/],
      [orphan, {}, 'ERR_CONFIG', /does not say which base model/],
      [lost, {}, 'ERR_IO', /base model .* is not there/],
      [vit, { adapter: vit }, 'ERR_IO', /holds no adapter_config\.json/],
      [orphan, { adapter: orphan }, 'ERR_CONFIG', /is an adapter itself/],
      [vit, { dtype: 'fp16' }, 'ERR_DTYPE', /fp16/],
      [vit, { device: 'cuda:99' }, 'ERR_DEVICE', /./],
    ];
    for (const [model, options, code, message] of cases) {
      await assert.rejects(
        Detector.load(model, { ...cpu, ...options }),
        { code, message },
        String(message),
      );
    }
  });

  it('can be aborted', async () => {
    const folder = writeRandomVit(at('vit'));
    await assert.rejects(Detector.load(folder, { ...cpu, signal: AbortSignal.abort() }), {
      name: 'AbortError',
    });
  });
});

describe('Detector, with test-time augmentation', () => {
  const at = useTemporaryFolder();
  let folder: string;
  /** Pictures of the network's size, which are not resized, and their mirror images. */
  const WHOLE = { ...PREPROCESSING, cropPct: 1 };
  let pictures: Buffer[];
  let mirrored: Buffer[];
  before(async () => {
    pictures = await Promise.all(FILES.map((file) => sharp(file).resize(64, 64).png().toBuffer()));
    mirrored = await Promise.all(pictures.map((picture) => sharp(picture).flop().png().toBuffer()));
  });
  beforeEach(() => {
    folder = writeRandomVit(at('vit'), { depth: 3 });
    writeDetectorJson(folder, { tta: 'flip', preprocessing: WHOLE });
  });

  const rowsOf = (detections: readonly Detection[]): number[][] =>
    detections.map(({ logits, features }) => [...logits, ...features!]);

  it('means the logits and features of an image and its mirror image', async () => {
    using plain = await Detector.load(folder, { ...cpu, tta: 'none' });
    using averaged = await Detector.load(folder, cpu);
    assert.deepEqual([plain.info.tta, averaged.info.tta], ['none', 'flip']);
    const rows = rowsOf(await averaged.detect(pictures, { features: true }));
    const [own, other] = [
      rowsOf(await plain.detect(pictures, { features: true })),
      rowsOf(await plain.detect(mirrored, { features: true })),
    ];
    const furthest = (expected: (image: number, column: number) => number): number =>
      Math.max(...rows.flatMap((row, i) => row.map((value, j) => Math.abs(value - expected(i, j)))));
    assert.ok(furthest((i, j) => (own[i]![j]! + other[i]![j]!) / 2) < 1e-5);
    assert.ok(furthest((i, j) => own[i]![j]!) > 1e-3, 'mirroring matters');
  });

  const mapOf = async (detector: Detector, picture: Buffer): Promise<number[]> =>
    [...(await detector.heatmap(picture, { direction: 'fake' })).map.values];
  const mirrorOf = (map: readonly number[]): number[] => map.map((_, i) => map[4 * (i >> 2) + 3 - (i & 3)]!);
  /** The largest difference, as a part of the largest value. */
  const apart = (a: readonly number[], b: readonly number[]): number =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / Math.max(...b);

  it('explains the mean: the heat map of a mirrored photo is the mirrored heat map', async () => {
    using plain = await Detector.load(folder, { ...cpu, tta: 'none' });
    using averaged = await Detector.load(folder, cpu);
    for (const [i, picture] of pictures.entries()) {
      const map = await mapOf(averaged, picture);
      assert.ok(apart(await mapOf(averaged, mirrored[i]!), mirrorOf(map)) < 1e-5);
      const own = await mapOf(plain, picture);
      const other = mirrorOf(await mapOf(plain, mirrored[i]!));
      assert.ok(apart(map, own.map((value, j) => (value + other[j]!) / 2)) < 1e-5, 'the mean of both');
      assert.ok(apart(map, own) > 1e-3, 'mirroring matters');
    }
    const { detection } = await averaged.heatmap(pictures[0]!);
    assert.equal(detection.score, (await averaged.detect(pictures[0]!)).score);
  });

  it('takes it from the call where detector.json has none, and refuses what is no mode', async () => {
    writeDetectorJson(folder, {});
    using detector = await Detector.load(folder, { ...cpu, tta: 'flip' });
    assert.equal(detector.info.tta, 'flip');
    assert.throws(() => Detector.load(folder, { ...cpu, tta: 'mirror' as 'flip' }), { name: 'TypeError', message: /tta/ });
    writeDetectorJson(folder, { tta: 'twice' as 'flip' });
    await assert.rejects(Detector.load(folder, cpu), { code: 'ERR_CONFIG', message: /tta/ });
  });
});

describe('Detector, loaded', () => {
  const at = useTemporaryFolder();
  let detector: Detector;

  beforeEach(async () => {
    detector = await Detector.load(writeRandomVit(at('vit'), { depth: 3 }), {
      ...cpu,
      batchSize: 4,
    });
  });
  afterEach(() => detector.dispose());

  it('gives one answer for path, Buffer, Uint8Array, ArrayBuffer, Blob and streams', async () => {
    const bytes = readFileSync(FILES[3]!);
    const inputs = [
      FILES[3]!,
      bytes,
      new Uint8Array(bytes),
      createReadStream(FILES[3]!),
      Readable.from([bytes.subarray(0, 99), bytes.subarray(99)]),
      new Uint8Array(bytes).buffer,
      new Blob([bytes]),
      new Response(bytes).body!,
    ];
    const detections = [];
    for (const input of inputs) detections.push(await detector.detect(input));
    assert.deepEqual(detections.slice(1), Array(7).fill(detections[0]));
  });

  it('gives the features that the head reads', async () => {
    const { features } = await detector.detect(FILES[0]!, { features: true });
    assert.equal(features!.length, 32);
    assert.ok(features!.every(Number.isFinite));
  });

  it('gives the same bits for the same sequence, and nearly the same in other company', async () => {
    const first = await detector.detect(FILES);
    const again = await detector.detect(FILES);
    assert.deepEqual(again, first);
    const alone = [];
    for (const file of FILES) alone.push(await detector.detect(file));
    const together = await Promise.all(FILES.map((file) => detector.detect(file)));
    for (const other of [alone, together, await detector.detect(FILES, { batchSize: 11 })]) {
      const furthest = Math.max(
        ...scoresOf(other).map((score, i) => Math.abs(score - first[i]!.score)),
      );
      assert.ok(furthest < 1e-6, `scores differ by ${furthest}`);
    }
  });

  it('serves many callers at once, each with its own answer', async () => {
    const expected = scoresOf(await detector.detect(FILES));
    const calls = Array.from({ length: 60 }, (_, i) => detector.detect(FILES[i % FILES.length]!));
    (await Promise.all(calls)).forEach(({ score }, i) =>
      assert.ok(Math.abs(score - expected[i % FILES.length]!) < 1e-6),
    );
  });

  it('aborts one caller and answers the others', async () => {
    const controller = new AbortController();
    const leaving = detector.detect(FILES, { signal: controller.signal });
    const staying = detector.detect(FILES[0]!);
    setImmediate(() => controller.abort());
    await assert.rejects(leaving, { name: 'AbortError' });
    assert.ok((await staying).score > 0);
    assert.equal((await detector.detect(FILES)).length, FILES.length);
  });

  it('reports what is no image among images', async () => {
    const outcomes = [];
    for await (const outcome of detector.detectAll([
      FILES[0]!,
      Buffer.from('text'),
      at('none.jpg'),
      FILES[1]!,
    ]))
      outcomes.push(outcome);
    assert.deepEqual(
      outcomes.map(({ error }) => (error as { code?: string } | undefined)?.code),
      [undefined, 'ERR_IMAGE', 'ERR_IO', undefined],
    );
  });

  it('closes a stream that it was told to forget', async () => {
    const controller = new AbortController();
    const stream = new Readable({ read: () => undefined });
    const call = detector.detect(stream, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await assert.rejects(call, { name: 'AbortError' });
    assert.equal(stream.destroyed, true);
  });

  it('draws a heat map whose values argue for the class', async () => {
    const { png, map, detection, direction } = await detector.heatmap(FILES[0]!);
    assert.equal(detection.score, (await detector.detect(FILES[0]!)).score);
    assert.equal(direction, detection.score >= 0.5 ? 'fake' : 'real');
    assert.deepEqual([map.rows, map.columns, map.values.length], [4, 4, 16]);
    assert.ok(map.values.every((value) => value >= 0) && map.values.some((value) => value > 0));
    assert.deepEqual(await detector.heatmap(FILES[0]!), { png, map, detection, direction });
    const other = await detector.heatmap(FILES[0]!, {
      direction: direction === 'fake' ? 'real' : 'fake',
    });
    assert.notDeepEqual(other.map.values, map.values);
  });

  it('computes what the crop, scored alone, gives', async () => {
    const pixels = await prepareImage(FILES[2]!, PREPROCESSING);
    assert.equal(pixels.length, 64 * 64 * 3);
    const png = await import('sharp').then(({ default: sharp }) =>
      sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
        .png()
        .toBuffer(),
    );
    writeDetectorJson(at('vit'), { preprocessing: { ...PREPROCESSING, cropPct: 1 } });
    using whole = await Detector.load(at('vit'), cpu);
    assert.ok(
      Math.abs((await whole.detect(png)).score - (await detector.detect(FILES[2]!)).score) < 1e-6,
    );
  });

  it('#dispose lets running calls finish or rejects them, and never crashes', async () => {
    const calls = FILES.map((file) => detector.detect(file));
    await calls[0];
    detector.dispose();
    for (const result of await Promise.allSettled(calls)) {
      if (result.status === 'rejected')
        assert.equal((result.reason as { code: string }).code, 'ERR_DISPOSED');
    }
    await assert.rejects(detector.detect(FILES[0]!), { code: 'ERR_DISPOSED' });
  });
});

describe('Detectors', () => {
  const at = useTemporaryFolder();

  it('of different weights live side by side', async () => {
    using one = await Detector.load(writeRandomVit(at('one'), { seed: 1 }), cpu);
    using two = await Detector.load(writeRandomVit(at('two'), { seed: 2 }), cpu);
    const [a, b] = await Promise.all([one.detect(FILES), two.detect(FILES)]);
    assert.notDeepEqual(a, b);
    assert.deepEqual(await one.detect(FILES), a);
  });

  it('with a weight that is not finite are refused by name', async () => {
    const folder = writeRandomVit(at('vit'));
    const file = join(folder, 'model.safetensors');
    const bytes = readFileSync(file);
    bytes.writeUInt32LE(0x7fc00000, bytes.length - 4);
    copyFileSync(file, `${file}.good`);
    writeFileSync(file, bytes);
    await assert.rejects(Detector.load(folder, cpu), {
      code: 'ERR_WEIGHTS_NONFINITE',
      message: /blocks\.1|head|norm/,
    });
    copyFileSync(`${file}.good`, file);
    using detector = await Detector.load(folder, cpu);
    assert.ok((await detector.detect(FILES[0]!)).score > 0);
  });
});
