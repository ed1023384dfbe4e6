/** TextToImage through the addon: what a caller relies on besides the pixels. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { TextToImage } from '../../ts/generate/text-to-image.js';
import type { GenerateOptions, GeneratedImage, GenerationStep } from '../../ts/generate/types.js';
import { toFloat32Array } from '../../ts/weights/tensor-data.js';

const MODEL = join(__dirname, '..', 'parity', 'text_to_image', 'sd1');
const CHILD = join(__dirname, 'children', 'generate-child.ts');
const MEMORY_CHILD = join(__dirname, 'children', 'generate-memory-child.ts');

/** Far above what caches take after so short a warm-up, below what the activations of 20 decodings would. */
const GENEROUS_BYTES = 32 * 2 ** 20;

const OPTIONS: GenerateOptions = { prompt: 'a house', steps: 3, seed: 5 };

const digest = (images: readonly GeneratedImage[]): string => {
  const hash = createHash('sha256');
  for (const { data, latents } of images) hash.update(data).update(toFloat32Array(latents));
  return hash.digest('hex');
};

async function stepsOf(generation: AsyncIterable<GenerationStep>): Promise<GenerationStep[]> {
  const steps: GenerationStep[] = [];
  for await (const step of generation) steps.push(step);
  return steps;
}

describe('TextToImage', () => {
  let model: TextToImage;
  before(async () => {
    model = await TextToImage.load(MODEL, { device: 'cpu', dtype: 'fp32', threads: 1 });
  });
  after(() => model?.dispose());

  it('says what it is', () => {
    const { parameters, ...info } = model.info;
    assert.ok(parameters > 50_000);
    assert.deepEqual(info, {
      model: MODEL, defaultSize: 32, scheduler: 'pndm', safetyChecker: false, device: 'cpu', dtype: 'fp32',
    }); // prettier-ignore
  });

  it('#generate gives images with their seeds, latents and parameters', async () => {
    const images = await model.generate({ ...OPTIONS, count: 2 });
    assert.deepEqual(images.map(({ width, height, data, seed, flagged, latents }) => [width, height, data.length, seed, flagged, latents.shape]), [
      [32, 32, 3072, 5, false, [4, 16, 16]],
      [32, 32, 3072, 6, false, [4, 16, 16]],
    ]);
    assert.match(images[1]!.parameters, /^a house\nSteps: 3, .*Seed: 6/);
  });

  it('#generate takes a prompt alone, with a new seed each time', async () => {
    const [first, second] = [(await model.generate('a house'))[0]!, (await model.generate('a house'))[0]!];
    assert.notEqual(first.seed, second.seed);
    assert.notDeepEqual(first.data, second.data);
  });

  it('#generate repeats to the bit: after other calls, alone or among others', async () => {
    const first = await model.generate({ ...OPTIONS, count: 3, scheduler: 'euler-ancestral' });
    await model.generate({ ...OPTIONS, prompt: 'something else', width: 48, scheduler: 'unipc', seed: 1 });
    const again = await model.generate({ ...OPTIONS, count: 3, scheduler: 'euler-ancestral' });
    assert.equal(digest(again), digest(first));
    for (const [k, image] of first.entries()) {
      assert.equal(digest(await model.generate({ ...OPTIONS, seed: 5 + k, scheduler: 'euler-ancestral' })), digest([image]));
    }
  });

  it('#generate gives what a fresh process gives', async () => {
    await model.generate({ ...OPTIONS, prompt: 'before', seed: 9 });
    const here = digest(await model.generate({ ...OPTIONS, count: 2 }));
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', CHILD, MODEL, JSON.stringify({ ...OPTIONS, count: 2 })], {
      encoding: 'utf8',
    });
    assert.equal(stdout.trim(), here, stderr);
  });

  it('#generate starts from its own latents where an image is drawn on', async () => {
    const [drawn] = await model.generate(OPTIONS);
    const [again] = await model.generate({ ...OPTIONS, image: drawn!, strength: 0.4 });
    assert.equal(again!.width, 32);
    assert.match(again!.parameters, /Denoising strength: 0\.4/);
  });

  it('#generate reports every step, over all images, with previews on request', async () => {
    const steps = await stepsOf(model.generate({ ...OPTIONS, count: 2, scheduler: 'euler', preview: true }));
    assert.deepEqual(steps.map(({ step, total, image }) => [step, total, image]), [
      [1, 6, 0], [2, 6, 0], [3, 6, 0], [4, 6, 1], [5, 6, 1], [6, 6, 1],
    ]); // prettier-ignore
    for (const { preview, secondsLeft } of steps) {
      assert.deepEqual(preview?.map(({ width, height, data }) => [width, height, data.length]), [[16, 16, 768]]);
      assert.ok(secondsLeft >= 0);
    }
    assert.equal(steps.at(-1)!.secondsLeft, 0);
    const plain = await stepsOf(model.generate({ ...OPTIONS, scheduler: 'euler' }));
    assert.ok(plain.every((step) => step.preview === undefined));
  });

  it('#generate listens to the prompt, the negative prompt, guidance and the seed', async () => {
    const plain = digest(await model.generate(OPTIONS));
    const changes: Partial<GenerateOptions>[] = [
      { prompt: 'a tree' }, { negativePrompt: 'blurry' }, { guidanceScale: 3 }, { guidanceRescale: 0.5 }, { seed: 6 }, { steps: 4 }, { spacing: 'trailing' },
    ]; // prettier-ignore
    for (const change of changes) {
      assert.notEqual(digest(await model.generate({ ...OPTIONS, ...change })), plain, JSON.stringify(change));
    }
    const unguided = digest(await model.generate({ ...OPTIONS, guidanceScale: 1 }));
    assert.equal(digest(await model.generate({ ...OPTIONS, guidanceScale: 0.5, negativePrompt: 'blurry' })), unguided);
  });

  it('#generate decodes in tiles when asked, close to the whole', async () => {
    const size = { width: 96, height: 96 };
    const [whole] = await model.generate({ ...OPTIONS, ...size });
    const [tiled] = await model.generate({ ...OPTIONS, ...size, vaeTiling: 'on' });
    assert.deepEqual(tiled!.latents, whole!.latents);
    assert.notDeepEqual(tiled!.data, whole!.data);
    const off = tiled!.data.reduce((sum, value, i) => sum + Math.abs(value - whole!.data[i]!), 0) / whole!.data.length;
    assert.ok(off < 32, `grey levels differ by ${off} on average`);
  });

  it('#generate warns of a prompt that is cut off, and only then', async () => {
    const warnings: string[] = [];
    const onWarning = (message: string): void => void warnings.push(message);
    await model.generate({ ...OPTIONS, onWarning });
    assert.deepEqual(warnings, []);
    await model.generate({ ...OPTIONS, prompt: 'one two '.repeat(60), negativePrompt: 'three '.repeat(60), onWarning });
    assert.match(warnings[0]!, /^The prompt is longer than 75 tokens; the end is not seen: /);
    assert.match(warnings[1]!, /^The negative prompt is longer/);
    const { tokens, truncated } = model.inspectPrompt('one two '.repeat(60));
    assert.ok(tokens > 75 && truncated.length > 0);
    assert.equal(model.inspectPrompt('a house').truncated, '');
  });

  it('#generate stops within a step when it is aborted, and works on', async () => {
    const expected = digest(await model.generate(OPTIONS));
    for (const after of [0, 1, 5, 20]) {
      const controller = new AbortController();
      const generation = model.generate({ ...OPTIONS, steps: 900, scheduler: 'euler', signal: controller.signal });
      let seen = 0;
      const reading = (async () => {
        for await (const { step } of generation) {
          seen = step;
          if (step >= after) controller.abort();
        }
      })();
      if (after === 0) controller.abort();
      await assert.rejects(reading, { name: 'AbortError' });
      await assert.rejects(Promise.resolve(generation), { name: 'AbortError' });
      assert.ok(seen < 800, `${seen} steps`);
      assert.equal(digest(await model.generate(OPTIONS)), expected);
    }
  });

  it('#generate serves calls at the same time', async () => {
    const expected = digest(await model.generate(OPTIONS));
    const all = await Promise.all([1, 2, 3, 4].map(() => model.generate(OPTIONS)));
    assert.deepEqual(all.map(digest), all.map(() => expected));
  });

  it('#generate passes on what a listener of warnings throws', async () => {
    const onWarning = (): void => {
      throw new Error('mine');
    };
    await assert.rejects(Promise.resolve(model.generate({ ...OPTIONS, prompt: 'one two '.repeat(60), onWarning })), /mine/);
  });

  it('#dispose lets calls that run finish, and refuses others', async () => {
    const own = await TextToImage.load(MODEL, { device: 'cpu', threads: 1 });
    const running = own.generate({ ...OPTIONS, steps: 20 });
    for await (const step of running) {
      assert.equal(step.step, 1);
      break;
    }
    own.dispose();
    own.dispose();
    assert.equal((await running).length, 1);
    await assert.rejects(Promise.resolve(own.generate(OPTIONS)), { code: 'ERR_DISPOSED' });
    assert.throws(() => own.inspectPrompt('a'), { code: 'ERR_DISPOSED' });
  });

  it('#generate keeps no memory of what was drawn or aborted', function () {
    this.timeout(240_000);
    const args = ['--expose-gc', '--max-semi-space-size=1', '--import', 'tsx', MEMORY_CHILD, MODEL, '20'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.match(stdout, /^-?\d+\n$/, stderr);
    assert.ok(Number(stdout) < GENEROUS_BYTES, `${Number(stdout) / 2 ** 20} MB more`);
  });

  it('.load can be aborted', async () => {
    await assert.rejects(TextToImage.load(MODEL, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  });
});
