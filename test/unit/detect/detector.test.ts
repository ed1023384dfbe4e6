/** Detector with a network and a decoder made for the test. The real ones: test/binding/detector.test.ts. */
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageInput } from '../../../ts/data/image-input.js';
import { Detector } from '../../../ts/detect/detector.js';
import type { DetectionOutcome, DetectorParts } from '../../../ts/detect/detector-types.js';
import { DeepcodeError } from '../../../ts/errors.js';
import type { NativeScores } from '../../../ts/native/detector.js';

/** The "image" `n` decodes to byte n; its logits are [0, n / 10]. Names starting with "bad" fail. */
function makeDetector(changes: Partial<DetectorParts> = {}): {
  detector: Detector;
  batches: number[][];
  state: { disposed: number; delay: number };
} {
  const batches: number[][] = [];
  const state = { disposed: 0, delay: 0 };
  const forward = async (images: Uint8Array, count: number): Promise<NativeScores> => {
    batches.push([...images]);
    if (state.delay > 0) await sleep(state.delay);
    return {
      logits: Float32Array.from([...images].flatMap((value) => [0, value / 10])),
      features: Float32Array.from({ length: 2 * count }, (_, i) => images[i >> 1]!),
    };
  };
  const prepare = async (input: ImageInput): Promise<Uint8Array> => {
    if (typeof input !== 'string') return Uint8Array.of((input as Uint8Array)[0]!);
    if (input.startsWith('bad')) throw new DeepcodeError('ERR_IMAGE', `Cannot decode ${input}.`);
    return Uint8Array.of(Number(input));
  };
  const parts: DetectorParts = {
    network: {
      parameterCount: 7,
      forward,
      gridRows: 2,
      gridColumns: 2,
      heatmap: async () => Float32Array.of(0, 1, 2, 3),
      dispose: () => void state.disposed++,
    },
    prepare,
    info: {
      model: 'model',
      adapter: undefined,
      parameters: 7,
      labels: ['real', 'fake'],
      tta: 'none',
      inputSize: [3, 2, 2],
      device: 'cpu',
      dtype: 'fp32',
      temperature: 2,
      threshold: 0.5,
      terms: 'none',
      trainedWith: null,
      trainedOn: [],
    },
    unsureBand: { from: 0.5, to: 0.5 },
    batchSize: 4,
    ...changes,
  };
  return { detector: new Detector(parts), batches, state };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('Detector#detect', () => {
  it('applies temperature and band', async () => {
    const { detector } = makeDetector();
    const detection = await detector.detect('8');
    assert.equal(detection.label, 'fake');
    assert.ok(Math.abs(detection.score - sigmoid(0.8 / 2)) < 1e-7);
    assert.deepEqual(detection.logits, [0, Math.fround(0.8)]);
    assert.equal('features' in detection, false);
    detector.unsureBand = { from: 0.3, to: 0.7 };
    assert.equal((await detector.detect('8')).label, 'unsure');
    assert.equal(
      (await detector.detect('8', { unsureBand: { from: 0.9, to: 0.9 } })).label,
      'real',
    );
  });

  it('calls a score at the upper end of the band fake and one at the lower end unsure', async () => {
    const { detector } = makeDetector();
    assert.equal((await detector.detect('0')).label, 'fake');
    assert.equal(
      (await detector.detect('0', { unsureBand: { from: 0.5, to: 0.6 } })).label,
      'unsure',
    );
    assert.equal(
      (await detector.detect('0', { unsureBand: { from: 0.4, to: 0.5 } })).label,
      'fake',
    );
  });

  it('returns features when asked to', async () => {
    const { detector } = makeDetector();
    assert.deepEqual([...(await detector.detect('8', { features: true })).features!], [8, 8]);
  });

  it('takes an array, in order, and rejects with its first failure', async () => {
    const { detector, batches } = makeDetector();
    const detections = await detector.detect(['1', '2', Uint8Array.of(3), '4', '5']);
    assert.deepEqual(
      detections.map(({ logits }) => Math.round(logits[1] * 10)),
      [1, 2, 3, 4, 5],
    );
    assert.deepEqual(batches, [[1, 2, 3, 4], [5]]);
    await assert.rejects(detector.detect(['1', 'bad-a', 'bad-b']), {
      code: 'ERR_IMAGE',
      message: 'Cannot decode bad-a.',
    });
    assert.deepEqual(await detector.detect([]), []);
  });

  it('joins concurrent callers, and fails only the one whose image is bad', async () => {
    const { detector, batches } = makeDetector();
    const results = await Promise.allSettled(
      ['1', 'bad', '2', '3'].map((input) => detector.detect(input)),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
    assert.deepEqual(batches, [[1, 2, 3]]);
  });

  it('bounds what single callers have decoded', async () => {
    let open = 0;
    let most = 0;
    const prepare = async (): Promise<Uint8Array> => {
      most = Math.max(most, ++open);
      await sleep(1);
      return Uint8Array.of(1);
    };
    const { detector, state } = makeDetector({ prepare, batchSize: 1 });
    state.delay = 1;
    await Promise.all(
      Array.from({ length: 300 }, () => detector.detect('1').finally(() => open--)),
    );
    assert.ok(most < 300, `${most} images were held`);
  });

  it('leaves promptly on abort, also while its image does not arrive', async () => {
    const { detector } = makeDetector({ prepare: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const call = detector.detect('1', { signal: controller.signal });
    await sleep(2);
    controller.abort('enough');
    await assert.rejects(
      call,
      (error: Error) => error.name === 'AbortError' && error.cause === 'enough',
    );
  });
});

describe('Detector#detectAll', () => {
  const summary = (outcomes: DetectionOutcome[]): unknown[] =>
    outcomes.map(({ input, detection, error }) => [
      input,
      detection ? Math.round(detection.logits[1] * 10) : (error as DeepcodeError).code,
    ]);

  it('reports a failure in its place and goes on', async () => {
    const { detector, batches } = makeDetector();
    const outcomes = await collect(detector.detectAll(['1', 'bad', '2', '3', '4', '5', 'bad2']));
    assert.deepEqual(summary(outcomes), [
      ['1', 1],
      ['bad', 'ERR_IMAGE'],
      ['2', 2],
      ['3', 3],
      ['4', 4],
      ['5', 5],
      ['bad2', 'ERR_IMAGE'],
    ]);
    assert.deepEqual(batches, [[1, 2, 3, 4], [5]]);
  });

  it('survives a source with nothing but failures', async () => {
    const { detector, batches } = makeDetector();
    assert.equal(
      (await collect(detector.detectAll(Array.from({ length: 30 }, () => 'bad')))).length,
      30,
    );
    assert.deepEqual(batches, []);
  });

  it('reports an item that is no image in its place', async () => {
    const { detector } = makeDetector();
    const outcomes = await collect(detector.detectAll(['1', 5 as unknown as string, '2']));
    assert.deepEqual(
      outcomes.map(({ error }) => error?.name),
      [undefined, 'TypeError', undefined],
    );
  });

  it('cuts the same batches in every run, whatever else is going on', async () => {
    const { detector, batches, state } = makeDetector();
    state.delay = 1;
    const inputs = Array.from({ length: 11 }, (_, i) => String(i + 1));
    const others = Array.from({ length: 5 }, () => detector.detect('99'));
    await collect(detector.detectAll(inputs));
    await Promise.all(others);
    const own = batches.filter((batch) => !batch.includes(99));
    assert.deepEqual(own, [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11],
    ]);
  });

  it('takes batchSize', async () => {
    const { detector, batches } = makeDetector();
    await collect(detector.detectAll(['1', '2', '3'], { batchSize: 2 }));
    assert.deepEqual(batches, [[1, 2], [3]]);
  });

  it('does not hold back results of an asynchronous source that pauses', async () => {
    const { detector } = makeDetector();
    let resume = (): void => undefined;
    async function* camera(): AsyncGenerator<string> {
      yield '1';
      await new Promise<void>((resolve) => (resume = resolve));
      yield '2';
    }
    const outcomes = detector.detectAll(camera());
    assert.equal((await outcomes.next()).value?.detection?.logits[1], Math.fround(0.1));
    resume();
    assert.equal((await collect(outcomes)).length, 1);
  });

  it('reads a bounded number of images ahead', async () => {
    let read = 0;
    function* endless(): Generator<string> {
      for (;;) yield String(++read % 100);
    }
    const { detector } = makeDetector();
    const { detector: other } = makeDetector();
    const outcomes = detector.detectAll(endless());
    for (let i = 0; i < 20; i++) await outcomes.next();
    await outcomes.return();
    assert.ok(read <= 20 + 4 * 4 + 4, `${read} images were read for 20 results`);
    assert.equal((await other.detect('1')).logits[0], 0);
  });

  it('reads a bounded number of unreadable images ahead, too', async () => {
    let read = 0;
    function* endless(): Generator<string> {
      while (read < 1000) yield `bad${++read}`;
    }
    const { detector, batches } = makeDetector();
    const outcomes = detector.detectAll(endless());
    for (let i = 0; i < 20; i++) await outcomes.next();
    await outcomes.return();
    assert.ok(read <= 20 + 12 * 4, `${read} images were read for 20 results`);
    assert.deepEqual(batches, []);
  });

  it('ends with AbortError, also while the source gives nothing', async () => {
    const { detector } = makeDetector();
    const controller = new AbortController();
    async function* silent(): AsyncGenerator<string> {
      yield '1';
      await new Promise(() => undefined);
    }
    const outcomes = detector.detectAll(silent(), { signal: controller.signal });
    await outcomes.next();
    const next = outcomes.next();
    controller.abort();
    await assert.rejects(next, { name: 'AbortError' });
    await assert.rejects(collect(detector.detectAll(['1'], { signal: controller.signal })), {
      name: 'AbortError',
    });
  });

  it('ends with the error of a failing source', async () => {
    const { detector } = makeDetector();
    function* broken(): Generator<string> {
      yield '1';
      throw new Error('the disk is gone');
    }
    await assert.rejects(collect(detector.detectAll(broken())), /the disk is gone/);
  });
});

describe('Streams among many images', () => {
  const missing = (): Readable => createReadStream('/nonexistent/a.jpg');
  const silent = (): Readable => new Readable({ read: () => undefined });
  /** More than are read ahead. */
  const many = (count = 30): string[] => Array<string>(count).fill('1');
  // An error of a stream that nobody hears ends the process: here it fails the test.
  afterEach(() => sleep(20));

  it('fail in their turn when they failed long before it', async () => {
    const { detector, state } = makeDetector();
    state.delay = 5;
    const lists: (() => Iterable<ImageInput>)[] = [
      () => [...many(), missing()],
      () => new Set([...many().map((_, i) => String(i)), missing()]),
    ];
    for (const list of lists) {
      const outcomes = await collect(detector.detectAll(list()));
      const failed = outcomes.flatMap(({ error }, i) => (error ? [[i, (error as DeepcodeError).code, error.message]] : []));
      assert.deepEqual(failed, [[30, 'ERR_IO', 'Cannot read image: there is no such file.']]);
    }
    await assert.rejects(detector.detect([...many(), missing()]), { code: 'ERR_IO' });
  });

  it('fail in their turn, too, when the loop starts late', async () => {
    const { detector } = makeDetector();
    const outcomes = detector.detectAll(['1', missing()]);
    await sleep(20);
    assert.deepEqual((await collect(outcomes)).map(({ error }) => error?.message), [
      undefined,
      'Cannot read image: there is no such file.',
    ]);
  });

  it('are closed when the call ends without them: by a failure, an abort, a loop that is left', async () => {
    const { detector } = makeDetector();
    const ends: ((inputs: ImageInput[]) => Promise<unknown>)[] = [
      (inputs) => assert.rejects(detector.detect(['bad', ...inputs]), { code: 'ERR_IMAGE' }),
      (inputs) => assert.rejects(detector.detect(inputs, { signal: AbortSignal.abort() }), { name: 'AbortError' }),
      (inputs) => assert.rejects(detector.detect(inputs, { signal: AbortSignal.timeout(5) }), { name: 'AbortError' }),
      async (inputs) => {
        for await (const { input } of detector.detectAll(['bad', ...inputs])) if (input) break;
      },
    ];
    for (const end of ends) {
      let cancelled = false;
      const web = new ReadableStream({ cancel: () => void (cancelled = true) });
      const streams = [silent(), silent(), missing()];
      await end([...many(8), streams[0]!, ...many(), streams[1]!, streams[2]!, web]);
      await sleep(5);
      assert.deepEqual([...streams.map(({ destroyed }) => destroyed), cancelled], [true, true, true, true]);
    }
  });

  it('of a generator are closed when it has given them out, and never made when it has not', async () => {
    const { detector } = makeDetector();
    const made: Readable[] = [];
    function* inputs(): Generator<ImageInput> {
      yield 'bad';
      for (;;) {
        made.push(silent());
        yield made.at(-1)!;
      }
    }
    const controller = new AbortController();
    const outcomes = detector.detectAll(inputs(), { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    await assert.rejects(collect(outcomes), { name: 'AbortError' });
    assert.ok(made.length > 0 && made.length < 20, `${made.length} streams were made`);
    assert.deepEqual(made.filter(({ destroyed }) => !destroyed), []);
  });

  it('are closed by a detector that was disposed of', async () => {
    const { detector } = makeDetector();
    detector.dispose();
    const streams = [missing(), missing(), missing(), missing()] as const;
    const gone = { code: 'ERR_DISPOSED' };
    await assert.rejects(detector.detect(streams[0]), gone);
    await assert.rejects(detector.detect([streams[1]]), gone);
    await assert.rejects(detector.heatmap(streams[2]), gone);
    await assert.rejects(collect(detector.detectAll([streams[3]])), gone);
    assert.deepEqual(streams.map(({ destroyed }) => destroyed), [true, true, true, true]);
  });

  it('are refused as the source of many, unless they give images', async () => {
    const { detector } = makeDetector();
    const bytes = [silent(), new Response('a').body!, new Blob(['a']).stream()];
    for (const stream of bytes) {
      assert.throws(() => detector.detectAll(stream as unknown as ImageInput[]), {
        code: 'ERR_INVALID_ARG',
        message: /such as \[stream\] \(a stream of bytes is one image\)/,
      });
      if (stream instanceof ReadableStream) assert.equal(stream.locked, false);
    }
    const paths = new ReadableStream<string>({
      start: (to) => ['1', '2'].forEach((path) => to.enqueue(path)) ?? to.close(),
    });
    for (const source of [Readable.from(['1', '2']), paths as unknown as AsyncIterable<string>]) {
      assert.equal((await collect(detector.detectAll(source as AsyncIterable<string>))).length, 2);
    }
  });
});

describe('Detector#heatmap', () => {
  const prepare = async (): Promise<Uint8Array> => new Uint8Array(12).fill(9);
  const forward = async (): Promise<NativeScores> => ({
    logits: Float32Array.of(0, 1),
    features: new Float32Array(2),
  });
  const withDirection = (seen: number[]): DetectorParts['network'] => ({
    parameterCount: 7,
    forward,
    gridRows: 2,
    gridColumns: 2,
    heatmap: async (_images, _count, direction) => {
      seen.push(direction);
      return Float32Array.of(0, 1, 2, 3);
    },
    dispose: () => undefined,
  });

  it('gives a PNG, the map and the detection, for the class that was found', async () => {
    const seen: number[] = [];
    const { detector } = makeDetector({ prepare, network: withDirection(seen) });
    const { png, map, direction, detection } = await detector.heatmap('1');
    assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from('PNG')]);
    assert.deepEqual([map.rows, map.columns, [...map.values]], [2, 2, [0, 1, 2, 3]]);
    assert.deepEqual([direction, detection.label], ['fake', 'fake']);
    await detector.heatmap('1', { direction: 'real' });
    assert.deepEqual(seen, [1, -1]);
  });
});

describe('Detector#dispose', () => {
  it('is idempotent and rejects later calls', async () => {
    const { detector, state } = makeDetector();
    detector.dispose();
    detector[Symbol.dispose]();
    assert.equal(state.disposed, 1);
    await assert.rejects(detector.detect('1'), { code: 'ERR_DISPOSED' });
    await assert.rejects(detector.detect(['1']), { code: 'ERR_DISPOSED' });
    await assert.rejects(detector.heatmap('1'), { code: 'ERR_DISPOSED' });
    await assert.rejects(collect(detector.detectAll(['1'])), { code: 'ERR_DISPOSED' });
  });

  it('lets the batch that runs finish', async () => {
    const { detector, state } = makeDetector();
    state.delay = 10;
    const running = detector.detect('5');
    await sleep(5);
    detector.dispose();
    assert.equal((await running).logits[0], 0);
  });
});
