import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { RESUMABLE_CHANGES, TRAIN_OPTIONS, type TrainOptions } from '../../../ts/detect/train/options.js';
import {
  checkSameRun,
  digestOf,
  resumedOptions,
  runDataSets,
  type RunConfig,
} from '../../../ts/detect/train/run-config.js';
import { resolveOptions } from '../../../ts/options.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const VIT = { table: TRAIN_OPTIONS, changes: RESUMABLE_CHANGES };
const STORED = resolveOptions(TRAIN_OPTIONS, { data: ['faces'], model: 'base', seed: 3 });
const CONFIG: RunConfig = {
  options: STORED,
  device: 'cpu',
  dtype: 'fp32',
  threads: 2,
  dataDigest: 'a',
  baseDigest: 'b',
  producer: 'deepcode 0.1.0',
};

describe('resumedOptions', () => {
  it('takes everything from the run', () => {
    assert.deepEqual(resumedOptions(VIT, STORED, { resume: true }), { ...STORED, resume: true });
  });

  it('takes anew what does not touch the numbers', () => {
    const given: TrainOptions = {
      checkpointSteps: 7,
      maxBadImages: 3,
      saveDtype: 'fp16',
      weightsTerms: 'none',
    };
    assert.deepEqual(resumedOptions(VIT, STORED, given), { ...STORED, ...given });
  });

  it('refuses other options by their flags, with both values', () => {
    assert.throws(() => resumedOptions(VIT, STORED, { learningRate: 0.5, seed: 3, loraRank: 8 }), {
      code: 'ERR_CONFIG',
      message: /--lr \(0\.001 there, 0\.5 now\), --lora-rank \(16 there, 8 now\)/,
    });
  });

  it('refuses other data', () => {
    assert.throws(() => resumedOptions(VIT, STORED, { data: ['others'] }), {
      code: 'ERR_CONFIG',
      message: /--data/,
    });
  });

  it('allows more epochs while the learning rate does not depend on them', () => {
    assert.equal(resumedOptions(VIT, STORED, { epochs: 20 }).epochs, 20);
    const cosine = resolveOptions(TRAIN_OPTIONS, { ...STORED, schedule: 'cosine' });
    assert.throws(() => resumedOptions(VIT, cosine, { epochs: 20 }), { code: 'ERR_CONFIG', message: /--epochs/ });
  });
});

describe('checkSameRun', () => {
  const refused: [string, Partial<RunConfig>, RegExp][] = [
    ['other images', { dataDigest: 'x' }, /images of the data sets/],
    ['another base model', { baseDigest: 'x' }, /base model/],
    ['another arithmetic', { dtype: 'bf16' }, /fp32 before, bf16 now/],
  ];
  for (const [name, change, message] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => checkSameRun(CONFIG, { ...CONFIG, ...change }), { code: 'ERR_CONFIG', message });
    });
  }
  it('accepts the same', () => checkSameRun(CONFIG, { ...CONFIG, threads: 4 }));
});

describe('digestOf', () => {
  const sample = { path: '/a', name: 'a', label: 0, weight: 1 } as const;

  it('does not depend on where the data lies, but on names, labels and split', () => {
    const digest = digestOf({ pool: [sample], validation: [] });
    assert.equal(digestOf({ pool: [{ ...sample, path: '/b' }], validation: [] }), digest);
    assert.notEqual(digestOf({ pool: [{ ...sample, label: 1 }], validation: [] }), digest);
    assert.notEqual(digestOf({ pool: [], validation: [sample] }), digest);
  });
});

describe('runDataSets', () => {
  const path = useTemporaryFolder();
  const read = (content: string): Promise<readonly string[]> => {
    writeFileSync(path('config.json'), content);
    return runDataSets(path());
  };

  it('gives the data sets of a run, and none for other folders', async () => {
    assert.deepEqual(await runDataSets(path('nothing')), []);
    assert.deepEqual(await read(JSON.stringify({ options: { data: ['faces', 3] } })), ['faces']);
    for (const other of ['{}', '{"options":null}', '{"architecture":"vit"}']) assert.deepEqual(await read(other), [], other);
  });

  for (const content of ['', '{"options":', 'null', '3']) {
    it(`refuses ${content === '' ? 'an empty file' : content}`, () =>
      assert.rejects(read(content), { code: 'ERR_CONFIG', message: /config\.json/ }));
  }
});
