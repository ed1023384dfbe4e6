import assert from 'node:assert/strict';
import type { TrainingSample } from '../../../ts/detect/train/data.js';
import { chunks, drawSamples, epochLength, epochOrder, pseudoFakePlaces } from '../../../ts/detect/train/sampling.js';

function samples(real: number, fake: number, weight = 1): TrainingSample[] {
  const make = (label: 0 | 1) => (_: unknown, i: number) => {
    const name = `${label === 0 ? 'real' : 'fake'}/${i}`;
    return { path: `/${name}`, name, label, weight };
  };
  return [...Array.from({ length: real }, make(0)), ...Array.from({ length: fake }, make(1))];
}

const names = (list: readonly TrainingSample[]): string[] => list.map(({ name }) => name);
const fakes = (list: readonly TrainingSample[]): number => list.filter(({ label }) => label === 1).length;

describe('drawSamples', () => {
  it('draws the same for the same seed, and something else for another', () => {
    const draw = (seed: number): string[] =>
      names(drawSamples(samples(50, 50), { seed, count: 20, balanced: true }));
    assert.deepEqual(draw(3), draw(3));
    assert.notDeepEqual(draw(3), draw(4));
  });

  it('draws half of each class when balanced', () => {
    assert.equal(fakes(drawSamples(samples(80, 20), { seed: 1, count: 30, balanced: true })), 15);
  });

  it('gives to one class what the other lacks', () => {
    const drawn = drawSamples(samples(80, 5), { seed: 1, count: 30, balanced: true });
    assert.deepEqual([drawn.length, fakes(drawn)], [30, 5]);
  });

  it('takes everything once where there is less than asked for', () => {
    const all = samples(3, 4);
    assert.deepEqual(drawSamples(all, { seed: 1, count: 100, balanced: false }), all);
  });

  it('prefers heavier samples', () => {
    const light = samples(200, 0);
    const heavy = samples(200, 0, 9).map((sample) => ({ ...sample, name: `heavy ${sample.name}` }));
    const drawn = drawSamples([...light, ...heavy], { seed: 5, count: 100, balanced: false });
    const share = drawn.filter(({ weight }) => weight === 9).length;
    assert.ok(share > 75 && share < 100, `${share} of 100`);
  });

  it('keeps the order of the data set', () => {
    const drawn = names(drawSamples(samples(30, 30), { seed: 2, count: 20, balanced: true }));
    const order = names(samples(30, 30));
    assert.deepEqual(
      drawn,
      order.filter((name) => drawn.includes(name)),
    );
  });
});

describe('epochOrder', () => {
  const options = { seed: 7, epoch: 2, shuffle: true, repeatSmaller: true };

  it('is a function of seed and epoch', () => {
    const pool = samples(10, 10);
    assert.deepEqual(epochOrder(pool, options), epochOrder(pool, options));
    assert.notDeepEqual(epochOrder(pool, options), epochOrder(pool, { ...options, epoch: 3 }));
    assert.notDeepEqual(epochOrder(pool, options), epochOrder(pool, { ...options, seed: 8 }));
  });

  it('repeats the smaller class evenly', () => {
    const order = epochOrder(samples(3, 8), options);
    const counts = [0, 1, 2].map((i) => order.filter(({ name }) => name === `real/${i}`).length);
    assert.deepEqual([order.length, fakes(order)], [16, 8]);
    assert.deepEqual(counts.sort(), [2, 3, 3]);
    assert.equal(epochLength(samples(3, 8), true), 16);
  });

  it('repeats more images than a call takes arguments', () => {
    const order = epochOrder(samples(200_000, 400_000), { ...options, shuffle: false });
    assert.deepEqual([order.length, fakes(order)], [800_000, 400_000]);
  });

  it('takes every sample once without balancing', () => {
    const pool = samples(3, 8);
    assert.deepEqual(
      names(epochOrder(pool, { ...options, repeatSmaller: false })).sort(),
      names(pool).sort(),
    );
    assert.equal(epochLength(pool, false), 11);
  });

  it('keeps the given order in every epoch without shuffling', () => {
    const pool = samples(4, 4);
    assert.deepEqual(epochOrder(pool, { ...options, shuffle: false }), pool);
  });
});

describe('pseudo-fakes', () => {
  const options = { seed: 7, epoch: 2, shuffle: true, repeatSmaller: true };
  const shown = (real: number, fake: number, share: number): [number, number] => {
    const order = epochOrder(samples(real, fake), { ...options, pseudoFakes: share });
    assert.equal(order.length, epochLength(samples(real, fake), true, share));
    const places = pseudoFakePlaces(order, share, options);
    for (const place of places) assert.equal(order[place]!.label, 0);
    return [order.length - fakes(order) - places.size, fakes(order) + places.size];
  };

  it('shows both classes equally often, repeating whichever is too few', () => {
    assert.deepEqual(shown(100, 100, 0), [100, 100]);
    assert.deepEqual(shown(100, 100, 0.25), [150, 150]);
    assert.deepEqual(shown(400, 100, 0.25), [300, 300]);
    assert.deepEqual(shown(1000, 100, 0.45), [550, 550]);
  });

  it('shows half of the reals as fakes where there are no others', () => {
    assert.deepEqual(shown(40, 0, 0.5), [20, 20]);
    assert.deepEqual(shown(40, 0, 0.25), [30, 10]);
  });

  it('takes others in every epoch, the same for the same epoch', () => {
    const order = samples(50, 50);
    const places = (epoch: number): number[] => [...pseudoFakePlaces(order, 0.4, { seed: 7, epoch })].sort();
    assert.equal(places(1).length, 20);
    assert.deepEqual(places(1), places(1));
    assert.notDeepEqual(places(1), places(2));
  });

  it('draws so many more reals as the balance needs', () => {
    const drawn = drawSamples(samples(300, 300), { seed: 1, count: 90, balanced: true, pseudoFakes: 0.25 });
    assert.deepEqual([drawn.length, fakes(drawn)], [90, 30]);
  });
});

describe('chunks', () => {
  it('gives a shorter last one', () => {
    assert.deepEqual(chunks([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
    assert.deepEqual(chunks([], 2), []);
  });
});
