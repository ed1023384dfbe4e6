import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapAhead } from '../../../ts/detect/map-ahead.js';

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('mapAhead', () => {
  it('keeps the order although later items finish first', async () => {
    const slowFirst = (item: number): Promise<number> => sleep(item === 0 ? 10 : 0, item * 2);
    assert.deepEqual(await collect(mapAhead([0, 1, 2, 3], 3, slowFirst)), [0, 2, 4, 6]);
  });

  it('works on at most `limit` items at a time', async () => {
    let running = 0;
    let most = 0;
    const work = async (item: number): Promise<number> => {
      most = Math.max(most, ++running);
      await sleep(1);
      running--;
      return item;
    };
    await collect(
      mapAhead(
        Array.from({ length: 20 }, (_, i) => i),
        4,
        work,
      ),
    );
    assert.equal(most, 4);
  });

  it('does not read more of the source than it works on', async () => {
    let read = 0;
    function* source(): Generator<number> {
      for (;;) yield read++;
    }
    for await (const item of mapAhead(source(), 3, async (value) => value)) {
      if (item === 10) break;
    }
    assert.ok(read <= 14, `${read} items were read`);
  });

  it('gives out results of an asynchronous source that has stalled', async () => {
    let resume = (): void => undefined;
    async function* source(): AsyncGenerator<number> {
      yield 1;
      await new Promise<void>((resolve) => (resume = resolve));
      yield 2;
    }
    const results = mapAhead(source(), 4, async (item) => item);
    assert.deepEqual(await results.next(), { done: false, value: 1 });
    resume();
    assert.deepEqual(await collect(results), [2]);
  });

  it('ends the source when the reader leaves, when work fails and when the source fails', async () => {
    let ended = 0;
    function* source(): Generator<number> {
      try {
        yield 1;
        yield 2;
      } finally {
        ended++;
      }
    }
    for await (const item of mapAhead(source(), 1, async (value) => value)) if (item === 1) break;
    await assert.rejects(
      collect(mapAhead(source(), 1, () => Promise.reject(new Error('no')))),
      /no/,
    );
    assert.equal(ended, 2);
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new Error('source');
    }
    await assert.rejects(collect(mapAhead(failing(), 4, async (item) => item)), /source/);
  });

  it('of an empty source is empty', async () => {
    assert.deepEqual(await collect(mapAhead([], 4, async (item) => item)), []);
  });
});
