/** Detector with a network and a decoder made for the test. The real ones: test/binding/detector.test.ts. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DetectionOutcome, DetectorParts } from '../../../ts/detect/detector-types.js';
import { DeepcodeError } from '../../../ts/errors.js';
import type { NativeScores } from '../../../ts/native/detector.js';
import { collect, makeDetector } from '../../support/fake-detector.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

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
