import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { checkSameSettings, formatConfig, readConfig, type SynthesisConfig } from '../../../ts/synthesize/config.js';
import { PhaseClock } from '../../../ts/synthesize/clock.js';
import { JsonLines, readJsonLines } from '../../../ts/synthesize/json-lines.js';
import { checkSynthesizeOptions, parseThreshold, parseTraits } from '../../../ts/synthesize/options.js';
import { attemptSeed } from '../../../ts/synthesize/seeds.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const GIVEN = { photos: 'p', model: 'owner/model', out: 'o' };

describe('attemptSeed', () => {
  it('is the beginning of a hash anybody can compute', () => {
    // printf '7:%s:2' ab12 | sha256sum | head -c 8
    assert.equal(attemptSeed(7, 'ab12', 2), 0x64b81523);
  });

  it('differs by run, photo and attempt', () => {
    const seeds = [attemptSeed(7, 'ab', 2), attemptSeed(8, 'ab', 2), attemptSeed(7, 'ac', 2), attemptSeed(7, 'ab', 3)];
    assert.equal(new Set(seeds).size, 4);
  });
});

describe('JsonLines', () => {
  const path = useTemporaryFolder();

  it('adds lines that are read back, without one that was cut off', async () => {
    const file = path('lines.jsonl');
    assert.deepEqual(await readJsonLines(file), []);
    const lines = await JsonLines.open<{ a: number }>(file, [{ a: 1 }]);
    await lines.append({ a: 2 });
    await lines.close();
    appendFileSync(file, '{"a":3');
    assert.deepEqual(await readJsonLines(file), [{ a: 1 }, { a: 2 }]);
    await (await JsonLines.open(file, await readJsonLines<{ a: number }>(file))).close();
    assert.equal(readFileSync(file, 'utf8'), '{"a":1}\n{"a":2}\n');
  });

  it('refuses a file that is damaged in its middle', async () => {
    writeFileSync(path('lines.jsonl'), '{"a":1}\n{"a":\n{"a":3}\n');
    await assert.rejects(readJsonLines(path('lines.jsonl')), { code: 'ERR_CONFIG', message: /lines\.jsonl is damaged/ });
    await assert.rejects(readJsonLines(path()), { code: 'ERR_IO' });
  });
});

describe('the configuration of a synthesis', () => {
  const path = useTemporaryFolder();
  const settings = { ...checkSynthesizeOptions({ ...GIVEN, steps: 20, width: 64 }), seed: 5 };
  const config: SynthesisConfig = {
    settings,
    dtype: 'fp32',
    weights: { kind: 'random', sha256: 'ab' },
    threshold: null,
    calibration: null,
    producer: 'deepcode',
  };

  it('reads back as it was written', async () => {
    assert.equal(await readConfig(path('config.json')), undefined);
    for (const given of [config, { ...config, threshold: 2.5, calibration: { quantile: 0.5, photos: 3, pairs: 3 } }]) {
      writeFileSync(path('config.json'), formatConfig(given));
      assert.deepEqual(await readConfig(path('config.json')), JSON.parse(JSON.stringify(given)));
    }
  });

  for (const [what, text] of Object.entries({
    'is no JSON': '{',
    'lacks fields': '{"version":1}',
    'is newer': '{"version":99}',
    'has a negative threshold': formatConfig({ ...config, threshold: -1 }),
  })) {
    it(`is refused when it ${what}`, async () => {
      writeFileSync(path('config.json'), text);
      await assert.rejects(readConfig(path('config.json')), { code: 'ERR_CONFIG', message: /config\.json/ });
    });
  }

  it('fits the same options, and any seed that is not given', () => {
    const stored = JSON.parse(JSON.stringify(config)) as SynthesisConfig;
    checkSameSettings(stored, { settings, dtype: 'fp32' });
    checkSameSettings(stored, { settings: { ...settings, seed: undefined }, dtype: 'fp32' });
  });

  it('names every option that differs', () => {
    const now = { ...settings, steps: 30, width: undefined, guidanceScale: 3, vgg: '/v', model: 'other/model', seed: 6 };
    assert.throws(() => checkSameSettings(config, { settings: now, dtype: 'bf16' }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'ERR_CONFIG');
      for (const part of ['--steps (20 there, 30 now)', '--width (64 there, not given now)', '--guidance (7.5 there, 3 now)']) {
        assert.ok(error.message.includes(part), error.message);
      }
      return true;
    });
    for (const [change, flag] of [[{ vgg: '/v' }, '--vgg (not given there, "/v" now)'], [{ seed: 6 }, '--seed (5 there, 6 now)']] as const) {
      const same = { settings: { ...settings, ...change }, dtype: 'fp32' } as const;
      assert.throws(() => checkSameSettings(config, same), { message: new RegExp(flag.replace(/[()]/g, '\\$&')) });
    }
    assert.throws(() => checkSameSettings(config, { settings, dtype: 'bf16' }), { message: /--dtype \("fp32" there, "bf16" now\)/ });
  });
});

describe('the options of a synthesis', () => {
  it('take a threshold as a number or a text', () => {
    assert.deepEqual([undefined, 'auto', 0, '2.50', 3].map(parseThreshold), ['auto', 'auto', 0, 2.5, 3]);
    for (const wrong of ['', ' ', 'x', -1, '-1', NaN, Infinity, 'Infinity']) assert.throws(() => parseThreshold(wrong), TypeError);
  });

  it('take traits in any order, each once', () => {
    assert.deepEqual(parseTraits('emotion, age'), ['age', 'emotion']);
    assert.deepEqual(parseTraits('none'), []);
    for (const wrong of ['', 'height', 'age,age', 'age,', 'none,age']) assert.throws(() => parseTraits(wrong), TypeError);
  });

  it('are the same settings however they are written', () => {
    const one = checkSynthesizeOptions({ ...GIVEN, threshold: 2.5, attributes: 'emotion,age', vgg: 'v' });
    const other = checkSynthesizeOptions({ ...GIVEN, threshold: '2.50', attributes: 'age, emotion', vgg: './v', photos: 'elsewhere' });
    assert.deepEqual(one, other);
  });
});

describe('PhaseClock', () => {
  it('says how long the rest takes, and nothing before there is a pace', () => {
    let now = 100;
    const clock = new PhaseClock(10, () => now);
    assert.equal(clock.secondsLeft(0), undefined);
    now = 105;
    assert.equal(clock.secondsLeft(0, 0.5), 95);
    now = 120;
    assert.equal(clock.secondsLeft(2), 80);
    assert.equal(clock.secondsLeft(10), 0);
  });

  it('does not take photos for quick that were done before', () => {
    let now = 0;
    const clock = new PhaseClock(10, () => now);
    for (let i = 0; i < 8; i++) clock.skip();
    assert.equal(clock.secondsLeft(8), undefined);
    now = 6;
    assert.equal(clock.secondsLeft(9), 6);
  });
});
