/** One photo, with a pipeline and a comparer that the test decides about. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { DeepcodeError } from '../../../ts/errors.js';
import type { GramComparer } from '../../../ts/generate/gram/index.js';
import type { TextToImage } from '../../../ts/generate/text-to-image.js';
import type { GenerateOptions } from '../../../ts/generate/types.js';
import { checkSynthesizeOptions } from '../../../ts/synthesize/options.js';
import { sha256Of } from '../../../ts/synthesize/photos.js';
import { drawPhoto, type DrawContext } from '../../../ts/synthesize/draw-photo.js';
import { failureOf, type ReadPhoto } from '../../../ts/synthesize/read-photos.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

/** What an attempt gives: a distance, or an image that the safety checker blanks, or a failure. */
type Fate = number | 'flagged' | DeepcodeError;

const PHOTO = Buffer.from('photo');
const WORDS_READ = 12;

describe('drawPhoto', () => {
  const path = useTemporaryFolder();
  let drawn: GenerateOptions[];

  function contextOf(fates: readonly Fate[], threshold: number, attempts = fates.length): DrawContext {
    drawn = [];
    const model = {
      inspectPrompt: (text: string) => {
        const words = text.split(' ');
        return { tokens: words.length, truncated: words.slice(WORDS_READ).join(' ') };
      },
      generate: (options: GenerateOptions) => {
        const number = drawn.push(options) - 1;
        const fate = fates[number]!;
        const image = { flagged: fate === 'flagged', png: () => Promise.resolve(Buffer.from(`image ${number}`)) };
        const images = fate instanceof DeepcodeError ? Promise.reject(fate) : Promise.resolve([image]);
        images.catch(() => undefined);
        return { then: images.then.bind(images), async *[Symbol.asyncIterator]() {} };
      },
    } as unknown as TextToImage;
    const comparer = {
      grams: (image: Uint8Array) => Promise.resolve(Float32Array.of(Number(/\d/.exec(Buffer.from(image).toString())?.[0] ?? -1))),
      gramDistances: (_: Float32Array, [other]: Float32Array[]) => Promise.resolve([{ distance: fates[other![0]!], layers: [] }]),
    } as unknown as GramComparer;
    const settings = { ...checkSynthesizeOptions({ photos: 'p', model: 'm', out: 'o', attempts }), seed: 1 };
    return { model, comparer, settings, threshold, signal: undefined, onStep: () => undefined };
  }

  function photo(subject: ReadPhoto['reading']['subject'] = {}): ReadPhoto {
    writeFileSync(path('a.jpg'), PHOTO);
    return { photo: { path: path('a.jpg'), name: 'a.jpg' }, sha256: sha256Of(PHOTO), reading: { faces: 1, region: null, subject } };
  }

  it('keeps the nearest, the first of equals', async () => {
    const { kept, distance, fake, attempts, real } = await drawPhoto(photo(), contextOf([5, 3, 4, 3], 1));
    assert.deepEqual([kept, distance, Buffer.from(fake).toString(), attempts.length], [1, 3, 'image 1', 4]);
    assert.deepEqual(Buffer.from(real), PHOTO);
  });

  it('takes an image at the threshold itself', async () => {
    const { kept, attempts } = await drawPhoto(photo(), contextOf([5, 3, 1], 3));
    assert.deepEqual([kept, attempts.length], [1, 2]);
  });

  it('never keeps an image that the safety checker blanked', async () => {
    const { kept, attempts, distance } = await drawPhoto(photo(), contextOf(['flagged', 9, 'flagged'], 1));
    assert.deepEqual([kept, distance], [1, 9]);
    assert.deepEqual(attempts.map((attempt) => [attempt.flagged, attempt.distance]), [[true, null], [false, 9], [true, null]]); // prettier-ignore
    await assert.rejects(drawPhoto(photo(), contextOf(['flagged', 'flagged'], 1)), { code: 'ERR_IMAGE', message: /each of 2 images/ });
  });

  it('shortens the caption, not the attributes, and says so', async () => {
    const subject = { caption: 'a man with a red hat and a blue coat', age: 40, dominant_gender: 'Man' } as const;
    const { attempts } = await drawPhoto(photo(subject), contextOf([1], 1));
    assert.equal(attempts[0]!.shortened, 'man with a red hat and a blue coat');
    assert.equal(attempts[0]!.prompt, 'A face image of a. And the man is 40 years old.');
    assert.deepEqual([attempts[0]!.tokens <= WORDS_READ, attempts[0]!.truncated], [true, '']);
    assert.equal(drawn[0]!.prompt, attempts[0]!.prompt);
  });

  it('tells of the end of a prompt that nothing could save', async () => {
    const { attempts } = await drawPhoto(photo({ age: 40, dominant_gender: 'Man' }), contextOf([2, 2], 1));
    assert.equal(attempts[0]!.truncated, '');
    assert.match(attempts[1]!.truncated, /^to the initial image$/);
  });

  it('refuses a photo that changed since it was read', async () => {
    const read = photo();
    writeFileSync(path('a.jpg'), 'another');
    await assert.rejects(drawPhoto(read, contextOf([1], 1)), { code: 'ERR_IO', message: /changed while the run was going/ });
    await assert.rejects(drawPhoto({ ...read, photo: { path: path('gone.jpg'), name: 'gone.jpg' } }, contextOf([1], 1)), { code: 'ERR_IO' });
  });

  it('fails with what the network fails with', async () => {
    const error = new DeepcodeError('ERR_NONFINITE', 'NaN');
    await assert.rejects(drawPhoto(photo(), contextOf([5, error], 1)), error);
  });
});

describe('failureOf', () => {
  it('is for what concerns one photo', () => {
    for (const code of ['ERR_IMAGE', 'ERR_IO', 'ERR_NONFINITE'] as const) {
      assert.deepEqual(failureOf('a', new DeepcodeError(code, 'b')), { name: 'a', error: { code, message: 'b' } });
    }
    for (const error of [new DeepcodeError('ERR_OUT_OF_MEMORY', 'b'), new DeepcodeError('ERR_CONFIG', 'b'), new Error('b')]) {
      assert.throws(() => failureOf('a', error), error);
    }
  });
});
