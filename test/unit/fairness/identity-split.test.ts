import assert from 'node:assert/strict';
import { identityOverlap, splitByIdentity, type Split } from '../../../ts/data/index.js';

type Sample = { label: 0 | 1; identity?: string; name: number };

/** 60 persons with 1 to 12 images, a third of them fakes. */
const samples: Sample[] = Array.from({ length: 60 }, (_, person) =>
  Array.from({ length: 1 + (person % 12) }, (_, i): Sample => ({ label: i % 3 === 0 ? 1 : 0, identity: `p${person}`, name: 100 * person + i })),
).flat();

const share = (split: Split, label: 0 | 1, all: readonly (Sample & { split: Split })[]): number => {
  const ofClass = all.filter((sample) => sample.label === label);
  return ofClass.filter((sample) => sample.split === split).length / ofClass.length;
};

describe('splitByIdentity', () => {
  it('keeps all images of a person in one part, and the samples in their order', () => {
    const split = splitByIdentity(samples, { seed: 4 });
    assert.deepEqual(split.map(({ name }) => name), samples.map(({ name }) => name));
    assert.deepEqual(identityOverlap(split), []);
    assert.deepEqual(new Set(split.map((each) => each.split)).size, 3);
  });

  it('keeps to the shares in both classes', () => {
    for (const [options, shares] of [
      [{}, { train: 0.6, valid: 0.2, test: 0.2 }],
      [{ valid: 0.1, test: 0.3 }, { train: 0.6, valid: 0.1, test: 0.3 }],
    ] as const) {
      const split = splitByIdentity(samples, options);
      for (const [name, wanted] of Object.entries(shares) as [Split, number][]) {
        for (const label of [0, 1] as const) assert.ok(Math.abs(share(name, label, split) - wanted) < 0.03, `${name} ${label}`);
      }
    }
  });

  it('follows its seed', () => {
    const parts = (seed: number): string => splitByIdentity(samples, { seed }).map(({ split }) => split).join();
    assert.equal(parts(1), parts(1));
    assert.notEqual(parts(1), parts(2));
  });

  it('takes images without identity as persons of their own, and leaves a part empty when asked', () => {
    const loose = Array.from({ length: 100 }, (_, i) => ({ label: (i % 2) as 0 | 1 }));
    const counts = (valid: number, test: number): number[] => {
      const split = splitByIdentity(loose, { valid, test });
      return (['train', 'valid', 'test'] as const).map((name) => split.filter((each) => each.split === name).length);
    };
    assert.deepEqual(counts(0.2, 0.2), [60, 20, 20]);
    assert.deepEqual(counts(0, 0.5), [50, 0, 50]);
  });

  it('refuses shares that leave nothing to learn from', () => {
    assert.throws(() => splitByIdentity(samples, { valid: 0.5, test: 0.5 }), RangeError);
    assert.throws(() => splitByIdentity(samples, { valid: -0.1 }), RangeError);
  });
});

describe('identityOverlap', () => {
  it('counts the persons that two parts share', () => {
    const part = (identity: string | undefined, split: Split | null): { identity?: string; split: Split | null } => ({ ...(identity && { identity }), split });
    const overlap = identityOverlap([part('a', 'train'), part('a', 'test'), part('b', 'train'), part('b', 'train'), part('c', null), part(undefined, 'test'), part('a', 'test')]);
    assert.deepEqual(overlap, [{ splits: ['train', 'test'], identities: 1 }]);
  });
});
