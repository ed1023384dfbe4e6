import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Batcher, type ImageScores } from '../../../ts/detect/batcher.js';
import { DeepcodeError } from '../../../ts/errors.js';

/** A network that answers with the image's first byte and remembers the batches it saw. */
class FakeNetwork {
  readonly batches: number[][] = [];
  readonly signals: AbortSignal[] = [];
  readonly #held: (() => void)[] = [];
  hold = false;
  fail: ((images: number[]) => Error | undefined) | undefined;

  readonly run = async (
    images: Uint8Array,
    count: number,
    signal: AbortSignal,
  ): Promise<ImageScores> => {
    assert.equal(images.length, count * 2);
    const first = Array.from({ length: count }, (_, i) => images[2 * i]!);
    this.batches.push(first);
    this.signals.push(signal);
    if (this.hold) await new Promise<void>((resolve) => this.#held.push(resolve));
    const error = this.fail?.(first);
    if (error) throw error;
    return {
      logits: Float32Array.from(first.flatMap((value) => [value, -value])),
      features: Float32Array.from(first.flatMap((value) => [value, value, value])),
    };
  };

  release(): void {
    for (const resolve of this.#held.splice(0)) resolve();
  }
}

const image = (value: number): Uint8Array => Uint8Array.of(value, 0);
const nonfinite = new DeepcodeError('ERR_NONFINITE', 'Image 0 gives NaN.');

describe('Batcher', () => {
  it('joins the callers of one turn and gives each its own rows', async () => {
    const network = new FakeNetwork();
    const batcher = new Batcher(network.run, 8);
    const scores = await Promise.all([3, 5, 7].map((value) => batcher.score(image(value))));
    assert.deepEqual(network.batches, [[3, 5, 7]]);
    assert.deepEqual(
      scores.map(({ logits }) => [...logits]),
      [
        [3, -3],
        [5, -5],
        [7, -7],
      ],
    );
    assert.deepEqual([...scores[1]!.features], [5, 5, 5]);
  });

  it('never exceeds the batch size, and keeps the order of asking', async () => {
    const network = new FakeNetwork();
    const batcher = new Batcher(network.run, 4);
    await Promise.all(Array.from({ length: 10 }, (_, i) => batcher.score(image(i))));
    assert.deepEqual(network.batches, [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
  });

  it('keeps scoreTogether apart from other callers', async () => {
    const network = new FakeNetwork();
    const batcher = new Batcher(network.run, 8);
    await Promise.all([
      batcher.score(image(1)),
      batcher.scoreTogether([image(2), image(3)]),
      batcher.score(image(4)),
      batcher.score(image(5)),
    ]);
    assert.deepEqual(network.batches, [[1], [2, 3], [4, 5]]);
  });

  it('lets a single caller in between the batches of a bulk caller', async () => {
    const network = new FakeNetwork();
    network.hold = true;
    const batcher = new Batcher(network.run, 2);
    const bulk = [0, 10, 20].map((start) =>
      batcher.scoreTogether([image(start), image(start + 1)]),
    );
    const single = batcher.score(image(99));
    const late = batcher.scoreTogether([image(30), image(31)]);
    for (let i = 0; i < 5; i++) {
      await sleep(2);
      network.release();
    }
    await Promise.all([...bulk, single, late]);
    assert.deepEqual(network.batches, [[0, 1], [10, 11], [20, 21], [99], [30, 31]]);
  });

  it('aborts one caller without disturbing the others of its batch', async () => {
    const network = new FakeNetwork();
    network.hold = true;
    const batcher = new Batcher(network.run, 8);
    const controller = new AbortController();
    const leaving = batcher.score(image(1), controller.signal);
    const staying = batcher.score(image(2));
    await sleep(2);
    controller.abort(new Error('enough'));
    await assert.rejects(
      leaving,
      (error: Error) => error.name === 'AbortError' && (error.cause as Error).message === 'enough',
    );
    assert.equal(network.signals[0]!.aborted, false);
    network.release();
    assert.deepEqual([...(await staying).logits], [2, -2]);
  });

  it('stops the network when everybody in a batch has left', async () => {
    const network = new FakeNetwork();
    network.hold = true;
    const batcher = new Batcher(network.run, 8);
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }, i) => batcher.score(image(i), signal));
    await sleep(2);
    controllers[0]!.abort();
    assert.equal(network.signals[0]!.aborted, false);
    controllers[1]!.abort();
    assert.equal(network.signals[0]!.aborted, true);
    for (const call of calls) await assert.rejects(call, { name: 'AbortError' });
    network.release();
  });

  it('takes an aborted caller out of the queue', async () => {
    const network = new FakeNetwork();
    const batcher = new Batcher(network.run, 8);
    const controller = new AbortController();
    const leaving = batcher.score(image(1), controller.signal);
    const staying = batcher.score(image(2));
    controller.abort();
    await assert.rejects(leaving, { name: 'AbortError' });
    await staying;
    assert.deepEqual(network.batches, [[2]]);
  });

  it('rejects an already aborted caller without queueing it', async () => {
    const network = new FakeNetwork();
    const batcher = new Batcher(network.run, 8);
    await assert.rejects(batcher.score(image(1), AbortSignal.abort()), { name: 'AbortError' });
    await sleep(2);
    assert.deepEqual(network.batches, []);
  });

  it('scores the neighbours of an image without a finite result again', async () => {
    const network = new FakeNetwork();
    network.fail = (images) => (images.includes(6) ? nonfinite : undefined);
    const batcher = new Batcher(network.run, 8);
    const [good, bad] = await Promise.allSettled([
      batcher.score(image(5)),
      batcher.score(image(6)),
    ]);
    assert.equal(good!.status, 'fulfilled');
    assert.equal(bad!.status === 'rejected' && bad.reason, nonfinite);
    const outcomes = await batcher.scoreTogether([image(6), image(7)]);
    assert.equal(outcomes[0], nonfinite);
    assert.deepEqual([...(outcomes[1] as ImageScores).logits], [7, -7]);
  });

  it('fails every caller of a batch that failed otherwise, and goes on', async () => {
    const network = new FakeNetwork();
    const memory = new DeepcodeError('ERR_OUT_OF_MEMORY', 'No memory.');
    network.fail = () => memory;
    const batcher = new Batcher(network.run, 8);
    const results = await Promise.allSettled([
      batcher.score(image(1)),
      batcher.scoreTogether([image(2)]),
    ]);
    assert.deepEqual(
      results.map((result) => result.status === 'rejected' && result.reason),
      [memory, memory],
    );
    network.fail = undefined;
    assert.deepEqual([...(await batcher.score(image(3))).logits], [3, -3]);
  });

  it('rejects what waits and what comes after close', async () => {
    const network = new FakeNetwork();
    const batcher = new Batcher(network.run, 8);
    const disposed = new DeepcodeError('ERR_DISPOSED', 'The detector was disposed of.');
    const waiting = batcher.score(image(1));
    batcher.close(disposed);
    await assert.rejects(waiting, disposed);
    await assert.rejects(batcher.score(image(2)), disposed);
    await assert.rejects(batcher.scoreTogether([image(2)]), disposed);
  });
});
