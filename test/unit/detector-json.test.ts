import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultDetectorJson,
  formatDetectorJson,
  parseDetectorJson,
  readDetectorJson,
  type DetectorJson,
} from '../../ts/detect/detector-json.js';
import { preprocessingOf } from '../support/preprocessing.js';

const PREPROCESSING = preprocessingOf(224);

const FULL: DetectorJson = {
  ...defaultDetectorJson(PREPROCESSING),
  temperature: 1.25,
  threshold: 0.4,
  unsure: { from: 0.3, to: 0.6 },
  base: 'google/vit-base',
  scl: { weight: 0.5, margin: 0.3, distance: 'euclidean', scaledMargin: true, center: [0.25, -1, 0] },
  data: [{ name: 'faces', real: 3, fake: 4, terms: null }],
  weightsTerms: 'non-commercial research only',
  training: { epochs: 2, options: { loss: 'scl' } },
  producer: 'deepcode 0.1.0',
  other: { faces: { margin: 0.3 } },
};

const changed = (change: object): unknown => ({ ...JSON.parse(formatDetectorJson(FULL)), ...change });

describe('detector.json', () => {
  it('reads back what it wrote, unknown keys included', () => {
    assert.deepEqual(parseDetectorJson(JSON.parse(formatDetectorJson(FULL))), FULL);
  });

  it('gives an empty unsure band where the file has none', () => {
    assert.deepEqual(parseDetectorJson(changed({ unsure: null })).unsure, { from: 0.4, to: 0.4 });
  });

  const refused: [string, object, RegExp][] = [
    ['a newer version', { version: 2 }, /version 2.*Update deepcode/],
    ['swapped labels', { labels: ['fake', 'real'] }, /labels/],
    ['a threshold over 1', { threshold: 1.5 }, /a number from 0 to 1 for threshold but found 1\.5/],
    ['a temperature of 0', { temperature: 0 }, /temperature/],
    ['a band without the threshold', { unsure: { from: 0.5, to: 0.6 } }, /unsure.*from/],
    ['a missing preprocessing', { preprocessing: undefined }, /preprocessing: expected an object/],
    ['a centre that is not numbers', { scl: { ...FULL.scl, scaled_margin: true, center: ['1'] } }, /center/],
    [
      'an interpolation of another library',
      { preprocessing: { interpolation: 'cubic' } },
      /input_size|interpolation/,
    ],
  ];
  for (const [name, change, message] of refused) {
    it(`refuses ${name}, naming the field`, () => {
      assert.throws(() => parseDetectorJson(changed(change)), { code: 'ERR_CONFIG', message });
    });
  }

  describe('readDetectorJson', () => {
    let folder: string;
    beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'deepcode-'))));
    afterEach(() => rm(folder, { recursive: true }));

    it('gives undefined for a folder without one', async () => {
      assert.equal(await readDetectorJson(folder), undefined);
    });

    it('reads the file', async () => {
      await writeFile(join(folder, 'detector.json'), formatDetectorJson(FULL));
      assert.deepEqual(await readDetectorJson(folder), FULL);
    });

    it('refuses a file cut short', async () => {
      await writeFile(join(folder, 'detector.json'), formatDetectorJson(FULL).slice(0, 100));
      await assert.rejects(readDetectorJson(folder), { code: 'ERR_CONFIG', message: /not valid JSON/ });
    });
  });
});
