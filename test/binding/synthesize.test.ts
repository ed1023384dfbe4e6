/** Synthesis with the tiny pipeline: what is written, and that nothing is drawn twice. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDataset } from '../../ts/data/datasets/open-dataset.js';
import type { DeepcodeError } from '../../ts/errors.js';
import { readPngMetadata } from '../../ts/generate/png-metadata.js';
import { TextToImage } from '../../ts/generate/text-to-image.js';
import type { SynthesizeOptions } from '../../ts/synthesize/options.js';
import type { FinishedRecord } from '../../ts/synthesize/record.js';
import { attemptSeed } from '../../ts/synthesize/seeds.js';
import { synthesize, type SynthesisReport } from '../../ts/synthesize/synthesize.js';
import { useRandomVgg19 } from '../support/random-vgg19.js';
import { imagesOf, manifestOf, TINY_MODEL, TINY_SYNTHESIS, writePhoto, writePhotos } from '../support/synthesis.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

describe('synthesize', () => {
  const vgg = useRandomVgg19(5);
  const path = useTemporaryFolder();
  const photos = (): string => path('photos');
  const out = (): string => path('out');

  function draw(options: Partial<SynthesizeOptions> = {}): Promise<SynthesisReport> {
    return synthesize({ ...TINY_SYNTHESIS, vgg: vgg(), photos: photos(), out: out(), ...options });
  }
  /** Names and contents of everything that stays. */
  function contents(folder = out()): Record<string, string> {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    const files = names.filter((name) => statSync(join(folder, name)).isFile());
    return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));
  }

  it('writes a data set that others can read, with a record for each image', async () => {
    await writePhotos(photos(), 2);
    await writePhoto(join(photos(), 'sub', '000.png'), 7);
    const report = await draw();
    assert.deepEqual(
      { ...report, contactSheets: report.contactSheets.length },
      { folder: out(), images: 3, drawn: 3, accepted: 3, failed: 0, threshold: 1e9, weights: 'given', seed: 1, contactSheets: 1 },
    );
    const { samples, skipped } = await openDataset(out());
    assert.deepEqual(samples.map(({ name }) => name).sort(), [
      'fake/000.png', 'fake/001.png', 'fake/sub/000.png', 'real/000.png', 'real/001.png', 'real/sub/000.png',
    ]); // prettier-ignore
    assert.deepEqual(skipped, []);
    for (const name of ['000.png', '001.png', 'sub/000.png']) {
      assert.ok(readFileSync(join(out(), 'real', name)).equals(readFileSync(join(photos(), name))));
      const { prompt, seed, tokens, truncated } = imagesOf(out())[name]!.attempts[0]!;
      const { parameters, digitalSourceType } = readPngMetadata(readFileSync(join(out(), 'fake', name)));
      assert.equal(digitalSourceType, 'trainedAlgorithmicMedia');
      assert.ok(parameters!.startsWith(`${prompt}\nSteps: 2,`) && parameters!.includes(`Seed: ${seed},`), parameters!);
      assert.deepEqual([prompt, tokens > 0, truncated], ['A face image of a person.', true, '']);
    }
    assert.deepEqual(readdirSync(out()).sort(), ['config.json', 'contact-sheet-01.png', 'fake', 'manifest.jsonl', 'real']);
    assert.equal(readPngMetadata(readFileSync(report.contactSheets[0]!)).digitalSourceType, 'compositeWithTrainedAlgorithmicMedia');
  });

  it('draws what its prompt and seed draw alone', async () => {
    await writePhotos(photos(), 1);
    await draw({ width: 40, guidanceScale: 3, negativePrompt: 'hat', scheduler: 'euler' });
    const { attempts, sha256 } = imagesOf(out())['000.png']!;
    assert.equal(attempts[0]!.seed, attemptSeed(1, sha256, 0));
    const model = await TextToImage.load(TINY_MODEL, { device: 'cpu' });
    const { prompt, seed } = attempts[0]!;
    const [image] = await model.generate({ prompt, seed, steps: 2, width: 40, guidanceScale: 3, negativePrompt: 'hat', scheduler: 'euler' });
    model.dispose();
    assert.ok((await image!.png()).equals(readFileSync(join(out(), 'fake', '000.png'))));
  });

  it('tries again with the stronger prompt and the next seed, and keeps the nearest image', async () => {
    await writePhotos(photos(), 3);
    const { accepted } = await draw({ threshold: 0, attempts: 4 });
    assert.equal(accepted, 0);
    for (const { attempts, kept, distance, outcome, sha256 } of Object.values(imagesOf(out()))) {
      assert.equal(outcome, 'best-of');
      assert.deepEqual(attempts.map(({ seed }) => seed), [0, 1, 2, 3].map((i) => attemptSeed(1, sha256, i)));
      assert.deepEqual(attempts.map(({ stronger }) => stronger), [false, true, true, true]);
      assert.ok(attempts.every(({ prompt, stronger }) => stronger === prompt.includes('similar to the initial image')));
      assert.equal(distance, Math.min(...attempts.map((attempt) => attempt.distance!)));
      assert.equal(attempts[kept]!.distance, distance);
    }
  });

  it('stops trying at the first image within the threshold', async () => {
    await writePhotos(photos(), 3);
    await draw({ threshold: 0, attempts: 3 });
    const first = imagesOf(out());
    const threshold = first['001.png']!.attempts[1]!.distance!;
    await draw({ threshold, attempts: 3, out: path('second') });
    for (const [name, { attempts, outcome, kept, distance }] of Object.entries(imagesOf(path('second')))) {
      const all = first[name]!.attempts.map((attempt) => attempt.distance!);
      const near = all.findIndex((each) => each <= threshold);
      assert.equal(attempts.length, near === -1 ? 3 : near + 1);
      assert.equal(outcome, near === -1 ? 'best-of' : 'accepted');
      assert.equal(distance, Math.min(...all.slice(0, attempts.length)));
      if (near !== -1) assert.equal(kept, near);
    }
  });

  it('calibrates the threshold once, on the photos', async () => {
    await writePhotos(photos(), 4);
    const { threshold } = await draw({ threshold: 'auto', quantile: 0.75 });
    assert.ok(threshold > 0);
    const stored = JSON.parse(readFileSync(join(out(), 'config.json'), 'utf8')) as { threshold: number; calibration: object };
    assert.equal(stored.threshold, threshold);
    assert.deepEqual(stored.calibration, { quantile: 0.75, photos: 4, pairs: 6 });
    await writePhoto(join(photos(), 'new.png'), 200);
    const again = await draw({ threshold: 'auto', quantile: 0.75 });
    assert.deepEqual([again.threshold, again.drawn, again.images], [threshold, 1, 5]);
  });

  it('cannot calibrate on one photo, and says what to do', async () => {
    await writePhotos(photos(), 1);
    await assert.rejects(draw({ threshold: 'auto' }), { code: 'ERR_DATASET', message: /Give a number for --threshold/ });
  });

  it('takes random weights when none are given, the same each time, and says so', async () => {
    await writePhotos(photos(), 1);
    const notes: string[] = [];
    const { weights } = await draw({ vgg: undefined, onNote: (note) => notes.push(note) });
    assert.equal(weights, 'random');
    assert.match(notes.join(), /random weights/);
    assert.equal(imagesOf(out())['000.png']!.weights, 'random');
    await draw({ vgg: undefined, out: path('second') });
    assert.deepEqual(imagesOf(path('second')), imagesOf(out()));
  });

  it('draws nothing twice, and what is missing or changed again', async () => {
    await writePhotos(photos(), 4);
    await draw();
    const before = contents();
    const records: string[] = [];
    assert.equal((await draw({ onRecord: ({ name }) => records.push(name) })).drawn, 0);
    assert.deepEqual(records, []);
    assert.deepEqual(contents(), before);

    rmSync(join(out(), 'fake', '001.png'));
    rmSync(join(out(), 'real', '002.png'));
    writeFileSync(join(out(), 'fake', '003.png'), 'damaged');
    assert.equal((await draw()).drawn, 2);
    const sorted = (all: Record<string, string>): object => ({ ...all, 'manifest.jsonl': '' });
    assert.deepEqual(sorted(contents()), sorted(before));

    await writePhoto(join(photos(), '000.png'), 99);
    rmSync(join(photos(), '001.png'));
    const { drawn, images } = await draw();
    assert.deepEqual([drawn, images, Object.keys(imagesOf(out())).length], [1, 4, 4]);
    assert.ok(existsSync(join(out(), 'fake', '001.png')));
  });

  it('goes on after a line that was cut off', async () => {
    await writePhotos(photos(), 3);
    await draw();
    const [first, second, third] = readFileSync(join(out(), 'manifest.jsonl'), 'utf8').split('\n');
    writeFileSync(join(out(), 'manifest.jsonl'), `${first}\n${second!.slice(0, 40)}`);
    assert.equal((await draw()).drawn, 2);
    const again = readFileSync(join(out(), 'manifest.jsonl'), 'utf8');
    assert.deepEqual(again.trim().split('\n').sort(), [first, second, third].sort());
  });

  it('is stopped within a step and goes on to the same data set', async () => {
    await writePhotos(photos(), 4);
    const slow = { steps: 30, attempts: 2, threshold: 0 };
    await draw({ ...slow, out: path('whole') });
    for (const [stop, left] of [[0, 0], [1, 1], [2, 3]] as const) {
      const controller = new AbortController();
      let steps = 0;
      const running = draw({
        ...slow,
        signal: controller.signal,
        onProgress: ({ phase, done }) => {
          if (controller.signal.aborted) steps++;
          if (phase === 'draw' && done === stop) controller.abort();
        },
      });
      await assert.rejects(running, { name: 'AbortError' });
      assert.ok(steps <= 2, `${steps} steps after the abort`);
      assert.equal(manifestOf(out()).length, left);
    }
    await draw(slow);
    const text = (folder: string): object => ({ ...contents(folder), 'config.json': '' });
    assert.deepEqual(text(out()), text(path('whole')));
  });

  it('refuses a folder with a run of other options or weights, and one that is not its own', async () => {
    await writePhotos(photos(), 1);
    await draw();
    const before = contents();
    await assert.rejects(draw({ steps: 3 }), { code: 'ERR_CONFIG', message: /--steps \(2 there, 3 now\)/ });
    await assert.rejects(draw({ seed: 2 }), { code: 'ERR_CONFIG', message: /--seed \(1 there, 2 now\)/ });
    assert.equal((await draw({ seed: undefined })).seed, 1);
    copyFileSync(vgg(), path('vgg.safetensors'));
    await draw({ vgg: path('vgg.safetensors'), out: path('second') });
    appendFileSync(path('vgg.safetensors'), ' ');
    await assert.rejects(draw({ vgg: path('vgg.safetensors'), out: path('second') }), { code: /ERR_CONFIG|ERR_WEIGHTS_FORMAT/ });
    assert.deepEqual(contents(), before);
    await assert.rejects(draw({ out: photos(), photos: out() }), { code: 'ERR_IO', message: /is not empty and holds no synthesis/ });
    assert.deepEqual(readdirSync(photos()), ['000.png']);
  });

  it('keeps a second process out', async () => {
    await writePhotos(photos(), 2);
    // Either of them may be first.
    const settled = await Promise.allSettled([draw(), draw()]);
    const reports = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value.drawn] : []));
    const errors = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as DeepcodeError] : []));
    assert.deepEqual(reports, [2]);
    assert.deepEqual(errors.map(({ code }) => code), ['ERR_BUSY']); // prettier-ignore
    assert.match(errors[0]!.message, /is drawing in/);
    assert.ok(!existsSync(join(out(), '.lock')));
  });

  it('reports photos that cannot be used, tries them again later, and fails when none can be', async () => {
    await writePhotos(photos(), 2);
    writeFileSync(join(photos(), '000.png'), readFileSync(join(photos(), '000.png')).subarray(0, 100));
    writeFileSync(join(photos(), 'text.jpg'), 'no image');
    const { failed, drawn } = await draw();
    assert.deepEqual([failed, drawn], [2, 1]);
    const errors = manifestOf(out()).flatMap(({ name, error }) => (error ? [[name, error.code]] : []));
    assert.deepEqual(errors, [['000.png', 'ERR_IMAGE'], ['text.jpg', 'ERR_IMAGE']]); // prettier-ignore
    await writePhoto(join(photos(), '000.png'), 0);
    const again = await draw();
    assert.deepEqual([again.failed, again.drawn, again.images], [1, 1, 2]);
    assert.equal(manifestOf(out()).length, 3);

    rmSync(join(photos(), '001.png'));
    writeFileSync(join(photos(), '000.png'), '');
    const none = draw({ out: path('none') });
    await assert.rejects(none, { code: 'ERR_DATASET', message: /all 2 photos failed\. The first, 000\.png: Cannot decode/ });
    assert.equal(manifestOf(path('none')).length, 2);
  });

  it('ends when the folder cannot be written, with what is done in place', async () => {
    await writePhotos(photos(), 3);
    let written = 0;
    const failing = draw({
      onRecord: () => {
        // A file takes the place of a folder that the next image needs.
        if (++written === 1) rmSync(join(out(), 'fake'), { recursive: true });
        if (written === 1) writeFileSync(join(out(), 'fake'), '');
      },
    });
    await assert.rejects(failing, { code: 'ERR_IO' });
    rmSync(join(out(), 'fake'));
    assert.deepEqual((await draw()).images, 3);
  });

  it('finds out about missing models before it reads a photo', async () => {
    await writePhotos(photos(), 1);
    for (const missing of [{ model: path('none') }, { vgg: path('none') }, { captionModel: path('none') }]) {
      await assert.rejects(draw({ ...missing, onRecord: () => assert.fail('a photo was taken') }), { code: 'ERR_IO' });
      rmSync(out(), { recursive: true });
    }
  });

  it('writes captions into prompts, and tells of the cut that 77 tokens make', async () => {
    await writePhotos(photos(), 1);
    const captionModel = join(__dirname, '..', 'parity', 'captioner', 'endless');
    await draw({ captionModel });
    const { subject, attempts } = imagesOf(out())['000.png'] as FinishedRecord;
    assert.ok(subject.caption);
    const plain = subject.caption.replace(/\p{Cc}+/gu, ' ').trim();
    assert.ok(attempts[0]!.prompt.startsWith(`A face image of ${plain.slice(0, 3)}`), attempts[0]!.prompt);
    await draw({ captionModel, template: `{caption} ${'word '.repeat(80)}`, out: path('long') });
    const long = imagesOf(path('long'))['000.png']!.attempts[0]!;
    assert.ok(long.tokens > 75 && long.truncated.startsWith('word'), JSON.stringify(long));
  });
});
