import assert from 'node:assert/strict';
import { Generation } from '../../../ts/generate/generation.js';
import { StepClock } from '../../../ts/generate/step-clock.js';
import type { GeneratedImage, GenerationStep } from '../../../ts/generate/types.js';

const IMAGES = [{ seed: 1 }] as unknown as GeneratedImage[];
const step = (number: number): GenerationStep => ({ step: number, total: 3, image: 0, secondsLeft: 0 });
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

const three = (): Generation =>
  new Generation(async (onStep) => {
    for (const number of [1, 2, 3]) {
      onStep(step(number));
      await pause();
    }
    return IMAGES;
  });

async function numbers(generation: Generation): Promise<number[]> {
  const seen: number[] = [];
  for await (const { step: number } of generation) seen.push(number);
  return seen;
}

describe('Generation', () => {
  it('gives its images when awaited, and its steps when iterated', async () => {
    const generation = three();
    assert.deepEqual(await numbers(generation), [1, 2, 3]);
    assert.equal(await generation, IMAGES);
  });

  it('hands out steps that came before anyone asked', async () => {
    const generation = three();
    assert.equal(await generation, IMAGES);
    assert.deepEqual(await numbers(generation), [1, 2, 3]);
  });

  it('hands each step to one of two readers, and ends both', async () => {
    const generation = three();
    const [a, b] = await Promise.all([numbers(generation), numbers(generation)]);
    assert.deepEqual([...a, ...b].sort(), [1, 2, 3]);
  });

  it('goes on when a reader leaves', async () => {
    const generation = three();
    for await (const { step: number } of generation) {
      assert.equal(number, 1);
      break;
    }
    assert.equal(await generation, IMAGES);
  });

  it('throws its failure to the reader, and to who awaits it', async () => {
    const generation = new Generation(async (onStep) => {
      onStep(step(1));
      await pause();
      throw new Error('broken');
    });
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const { step: number } of generation) seen.push(number);
    }, /broken/);
    assert.deepEqual(seen, [1]);
    await assert.rejects(Promise.resolve(generation), /broken/);
    assert.equal(await generation.catch(() => 'caught'), 'caught');
    let finished = false;
    await generation.finally(() => (finished = true)).catch(() => undefined);
    assert.ok(finished);
  });
});

describe('StepClock', () => {
  it('counts over batches', () => {
    const clock = new StepClock(3);
    const { step: done, total, secondsLeft } = clock.tick(1, 2, 5);
    assert.deepEqual([done, total], [7, 15]);
    assert.ok(secondsLeft >= 0 && Number.isFinite(secondsLeft));
    assert.equal(clock.tick(2, 5, 5).secondsLeft, 0);
  });
});
