import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callNative } from '../../../ts/native.js';
import type { Differentiated, NativeBilevelCvarOptions, NativeCvarSmoothing } from '../../../ts/native/losses.js';
import { assertClose } from '../../support/closeness.js';

interface Expected {
  loss: number;
  gradients: number[][];
}

interface Fixtures {
  ldam: (Expected & { name: string; counts: number[]; logits: number[]; labels: number[] })[];
  contrastive: (Expected & { name: string; margin: number; anchors: number[]; features: number[] })[];
  reconstruction: Expected & { images: number[]; made: number[][] };
  bilevel: (Expected & { name: string; losses: number[]; groups: number[]; labels?: number[]; options: Options })[];
  grid: {
    losses: number[];
    alpha: number;
    smoothing: NativeCvarSmoothing | null;
    eta: number;
    minimum: number;
    step: number;
  }[];
}

const FIXTURES = JSON.parse(readFileSync(join(__dirname, 'fixtures.json'), 'utf8')) as Fixtures;

const floats = (values: readonly number[]): Float32Array => Float32Array.from(values);
const bytes = (values: readonly number[]): Uint8Array => Uint8Array.from(values);

function assertSame(actual: Differentiated, expected: Expected, tolerance: number): void {
  const error = Math.abs(actual.loss - expected.loss) / Math.max(1, Math.abs(expected.loss));
  assert.ok(error <= 1e-6, `${actual.loss} is not ${expected.loss}`);
  assert.equal(actual.gradients.length, expected.gradients.length);
  actual.gradients.forEach((gradient, i) => assertClose(gradient, expected.gradients[i]!, tolerance));
}

type Options = Omit<NativeBilevelCvarOptions, 'byClass'>;

const bilevel = (losses: number[], groups: number[], options: Options, labels?: number[]): Promise<Differentiated> => {
  const classes = bytes(labels ?? losses.map(() => 0));
  const given = { ...options, byClass: labels !== undefined };
  return callNative(undefined, (addon) => addon.bilevelCvarLoss(floats(losses), classes, bytes(groups), given));
};

/** eta + 1 / alpha mean(max(l - eta, 0)), or its smoothed form. */
function objective(losses: readonly number[], eta: number, alpha: number, smoothing: NativeCvarSmoothing | null): number {
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  if (smoothing === null) return eta + mean(losses.map((loss) => Math.max(loss - eta, 0))) / alpha;
  const { tau1, tau2 } = smoothing;
  const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  const above = mean(losses.map((loss) => tau1 * softplus((loss - eta) / tau1)));
  return eta + (tau2 / (2 * alpha)) * eta * eta + above / alpha;
}

describe('ldamLoss against autograd in Python', () => {
  for (const item of FIXTURES.ldam) {
    it(`gives value and gradient: ${item.name}`, async () => {
      const options = { classCounts: item.counts, maxMargin: 0.5, scale: 30 };
      const actual = await callNative(undefined, (addon) =>
        addon.ldamLoss(floats(item.logits), bytes(item.labels), options),
      );
      assertSame(actual, item, 1e-5);
    });
  }

  it('refuses classes without any sample, and a negative count', async () => {
    for (const classCounts of [[0, 0], [5, -1]]) {
      const options = { classCounts, maxMargin: 0.5, scale: 30 };
      const call = callNative(undefined, (addon) => addon.ldamLoss(floats([0, 1]), bytes([0]), options));
      await assert.rejects(call, { code: 'ERR_CONFIG' });
    }
  });
});

describe('contrastiveLoss against autograd in Python', () => {
  for (const item of FIXTURES.contrastive) {
    it(`gives value and gradient: ${item.name}`, async () => {
      const actual = await callNative(undefined, (addon) =>
        addon.contrastiveLoss(floats(item.features), bytes(item.anchors), item.margin),
      );
      assertSame(actual, item, 1e-5);
    });
  }

  it('refuses a batch that is not of pairs', async () => {
    const call = callNative(undefined, (addon) => addon.contrastiveLoss(floats([1, 2, 3]), bytes([0, 1, 2]), 3));
    await assert.rejects(call, { code: 'ERR_SHAPE' });
  });
});

describe('reconstructionLoss against autograd in Python', () => {
  const { images, made } = FIXTURES.reconstruction;
  const call = (self: number[], cross: number[]): Promise<Differentiated> =>
    callNative(undefined, (addon) => addon.reconstructionLoss(floats(images), floats(self), floats(cross), [3, 2, 2]));

  it('gives value and gradients', async () => {
    assertSame(await call(made[0]!, made[1]!), FIXTURES.reconstruction, 1e-5);
  });

  it('refuses reconstructions of another number', async () => {
    await assert.rejects(call(made[0]!.slice(0, 12), made[1]!), { code: 'ERR_SHAPE' });
  });
});

describe('bilevelCvarLoss against autograd in Python', () => {
  for (const item of FIXTURES.bilevel) {
    it(`gives value and gradient: ${item.name}`, async () => {
      assertSame(await bilevel(item.losses, item.groups, item.options, item.labels), item, 1e-4);
    });
  }

  it('is the mean of the group means with shares of 1', async () => {
    const { loss } = await bilevel([1, 2, 3, 10], [0, 0, 0, 1], { innerAlpha: 1, outerAlpha: 1, smoothing: null });
    assert.equal(loss, 6);
  });

  it('is the largest loss with shares near 0', async () => {
    const options = { innerAlpha: 0.01, outerAlpha: 0.01, smoothing: null };
    const { loss, gradients } = await bilevel([1, 4, 3, 2], [0, 1, 1, 0], options);
    assert.equal(loss, 4);
    assert.deepEqual([...gradients[0]!], [0, 1, 0, 0]);
  });

  it("takes a group's classes for groups of their own", async () => {
    const options = { innerAlpha: 0.9, outerAlpha: 0.5, smoothing: null };
    const [losses, groups, labels] = [[1, 2, 3, 10, 4, 5], [0, 0, 0, 1, 1, 1], [0, 1, 1, 0, 0, 1]];
    assert.deepEqual(await bilevel(losses, groups, options, labels), await bilevel(losses, [0, 1, 1, 2, 2, 3], options));
    assert.equal((await bilevel(losses, groups, { ...options, innerAlpha: 1 }, labels)).loss, (7 + 5) / 2);
  });

  it('refuses labels of another number', async () => {
    const options = { innerAlpha: 0.9, outerAlpha: 0.5, smoothing: null };
    await assert.rejects(bilevel([1, 2], [0, 1], options, [0]), { code: 'ERR_SHAPE' });
  });

  it('has gradients that sum to 1 without smoothing', async () => {
    const { losses, groups, options } = FIXTURES.bilevel[0]!;
    const { gradients } = await bilevel(losses, groups, options);
    const sum = gradients[0]!.reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - 1) < 1e-6, `${sum}`);
  });

  it('stays finite where losses are far apart', async () => {
    const options = { innerAlpha: 0.9, outerAlpha: 0.5, smoothing: { tau1: 0.001, tau2: 0.0001 } };
    const { loss, gradients } = await bilevel([0, 1000, 50, 1e6], [0, 1, 2, 3], options);
    assert.ok(Number.isFinite(loss));
    assert.ok(gradients[0]!.every(Number.isFinite));
  });

  for (const [what, options] of [
    ['an alpha of 0', { innerAlpha: 0, outerAlpha: 0.5, smoothing: null }],
    ['an alpha above 1', { innerAlpha: 0.5, outerAlpha: 1.5, smoothing: null }],
    ['a tau1 of 0', { innerAlpha: 0.5, outerAlpha: 0.5, smoothing: { tau1: 0, tau2: 0 } }],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(bilevel([1, 2], [0, 1], options), { code: 'ERR_CONFIG' });
    });
  }
});

describe('cvarEta against a fine grid', () => {
  for (const { losses, alpha, smoothing, minimum, eta: expected, step } of FIXTURES.grid) {
    const form = smoothing ? 'smoothed' : 'plain';
    it(`attains the minimum of the ${form} form of ${losses.length} losses at alpha ${alpha}`, async () => {
      const eta = await callNative(undefined, (addon) => addon.cvarEta(floats(losses), alpha, smoothing));
      const attained = objective(losses, eta, alpha, smoothing);
      assert.ok(attained <= minimum + 1e-6, `${attained} at ${eta} is above ${minimum} at ${expected}`);
      // Strictly convex: there is one place only. The grid and fp32 losses blur it.
      if (smoothing) assert.ok(Math.abs(eta - expected) <= step + 2e-5, `${eta} is not ${expected}`);
    });
  }
});
