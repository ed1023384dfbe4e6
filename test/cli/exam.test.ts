/** `deepcode exam`: its figures are those of `deepcode eval`. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLines } from '../support/cli.js';
import { runHere } from '../support/run-here.js';
import { writeRandomVit } from '../support/random-vit.js';
import { parseXml } from '../support/well-formed-xml.js';

const SAMPLES = join(__dirname, '..', 'data', 'samples');

/** A detector's files with what detector.json says of its training. */
function writeDetector(folder: string, seed: number, scl: boolean | undefined): string {
  writeRandomVit(folder, { imageSize: 64, seed });
  if (scl === undefined) return folder;
  const detector = {
    version: 1,
    labels: ['real', 'fake'],
    temperature: 1,
    threshold: 0.5,
    unsure: { from: 0.5, to: 0.5 },
    preprocessing: { input_size: [3, 64, 64], interpolation: 'bicubic', crop_pct: 0.9, crop_mode: 'center', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    head: 'new',
    base: null,
    scl: scl ? { weight: 0.5, margin: 0.3, distance: 'euclidean', scaled_margin: false, center: new Array(32).fill(0) } : null,
    data: [],
    weights_terms: 'none',
    training: { loss: scl ? 'scl' : 'ce' },
    producer: 'test',
  };
  writeFileSync(join(folder, 'detector.json'), JSON.stringify(detector));
  return folder;
}

describe('deepcode exam', () => {
  let folder: string;
  let data: string;
  let naive: string;
  let scl: string;
  const args = (...more: string[]): string[] => ['exam', '--real', join(data, 'real'), '--generated', join(data, 'fake'), '--device', 'cpu', ...more];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
    data = join(folder, 'samples');
    for (const label of ['real', 'fake']) {
      mkdirSync(join(data, label), { recursive: true });
      for (const name of readdirSync(SAMPLES).filter((each) => each.startsWith(`${label}-`))) {
        copyFileSync(join(SAMPLES, name), join(data, label, name));
      }
    }
    naive = writeDetector(join(folder, 'a'), 1, false);
    scl = writeDetector(join(folder, 'b'), 2, true);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const evaluated = async (model: string): Promise<Record<string, unknown>> => {
    const { stdout, code, stderr } = await runHere(['eval', '--model', model, '--data', data, '--json', '--device', 'cpu']);
    assert.equal(code, 0, stderr);
    return jsonLines(stdout)[0]!;
  };

  it('sets naive beside Single-Center Loss, on given data and on generated images, with the figures of eval', async () => {
    const { stdout, code, stderr } = await runHere(args('--detector', naive, '--detector', scl, '--data', data, '--json'));
    assert.equal(code, 0, stderr);
    const rows = jsonLines(stdout);
    assert.deepEqual(rows.map((row) => [row.data, row.detector, row.real, row.fake]), [
      ['given data', 'naive (ce)', 6, 5], ['given data', 'SCL', 6, 5],
      ['real and generated', 'naive (ce)', 6, 5], ['real and generated', 'SCL', 6, 5],
      ['generated alone', 'naive (ce)', 0, 5], ['generated alone', 'SCL', 0, 5],
      ['real alone', 'naive (ce)', 6, 0], ['real alone', 'SCL', 6, 0],
    ]); // prettier-ignore
    for (const [i, model] of [naive, scl].entries()) {
      const report = await evaluated(model);
      for (const row of [rows[i]!, rows[2 + i]!]) {
        for (const figure of ['accuracy', 'auc', 'threshold']) assert.equal(row[figure], report[figure], figure);
        // Images in another order are in other places of a batch, where some processors round their sums otherwise.
        assert.ok(Math.abs((row.loss as number) - (report.loss as number)) < 1e-7);
      }
      assert.equal(rows[4 + i]!.accuracy, report.tpr);
      assert.ok(Math.abs((rows[6 + i]!.accuracy as number) - 1 + (report.fpr as number)) < 1e-12);
      const parts = 5 * (rows[4 + i]!.loss as number) + 6 * (rows[6 + i]!.loss as number);
      assert.ok(Math.abs(parts / 11 - (report.loss as number)) < 1e-7);
    }
    for (const { accuracyInterval, accuracy } of rows) {
      const [low, high] = accuracyInterval as [number, number];
      assert.ok(low < high && low <= (accuracy as number) && (accuracy as number) <= high);
    }
  });

  it('prints a table and writes it with JSON and a chart', async () => {
    const out = join(folder, 'out');
    const { stdout, code, stderr } = await runHere(args('--detector', naive, '--detector', scl, '--out', out));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^data +detector +real +fake +accuracy % +95 % interval +loss +AUC\n/);
    assert.match(stdout, /^generated alone +SCL +0 +5 +[\d.]+ +[\d.]+ to [\d.]+ +[\d.]+ +–$/m);
    assert.deepEqual(readdirSync(out).sort(), ['accuracy.svg', 'exam.json', 'table.md']);
    assert.match(readFileSync(join(out, 'table.md'), 'utf8'), /^\| data .*\n\| ---.*\n\| real and generated \| naive \(ce\) /);
    const { rows } = JSON.parse(readFileSync(join(out, 'exam.json'), 'utf8')) as { rows: unknown[] };
    assert.equal(rows.length, 6);
    const chart = readFileSync(join(out, 'accuracy.svg'), 'utf8');
    parseXml(chart);
    for (const text of ['naive (ce)', 'SCL', 'generated alone']) assert.ok(chart.includes(text), text);
  });

  it('calls detectors by their folders where the loss does not tell them apart', async () => {
    const names = async (...models: string[]): Promise<unknown[]> => {
      const { stdout } = await runHere(args('--json', ...models.flatMap((model) => ['--detector', model])));
      return jsonLines(stdout).slice(0, models.length).map(({ detector }) => detector);
    };
    const plain = writeDetector(join(folder, 'plain'), 3, undefined);
    assert.deepEqual(await names(plain), ['plain']);
    assert.deepEqual(await names(scl, plain), ['b, SCL', 'plain']);
    assert.deepEqual(await names(scl, scl), ['1: b, SCL', '2: b, SCL']);
    assert.deepEqual(await names(naive), ['naive (ce)']);
  });

  it('reports images that cannot be read, once, and exits with 1', async () => {
    const bad = join(data, 'fake', 'zz.png');
    writeFileSync(bad, 'no image');
    try {
      const { code, stdout, stderr } = await runHere(args('--detector', naive, '--detector', scl, '--json'));
      assert.equal(code, 1);
      assert.equal(jsonLines(stdout).length, 6);
      assert.equal(stderr.match(/generated\/zz\.png: Cannot decode zz\.png/g)?.length, 1);
      const strict = await runHere(args('--detector', naive, '--max-bad-images', '0'));
      assert.deepEqual([strict.code, /\[ERR_DATASET\]/.test(strict.stderr)], [1, true]);
    } finally {
      rmSync(bad);
    }
  });

  it('tells of other data sets beside the splits of the given data, which are no failure', async () => {
    const split = join(folder, 'split');
    for (const part of ['test', 'other']) {
      for (const label of ['real', 'fake']) {
        mkdirSync(join(split, part, label), { recursive: true });
        copyFileSync(join(SAMPLES, 'real-london-1.jpg'), join(split, part, label, 'a.jpg'));
      }
    }
    const { code, stdout, stderr } = await runHere(args('--detector', naive, '--data', split, '--json'));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /other: is a data set of its own/);
    assert.deepEqual([jsonLines(stdout)[0]!.real, jsonLines(stdout)[0]!.fake], [1, 1]);
    const none = await runHere(args('--detector', naive, '--data', split, '--split', 'valid'));
    assert.deepEqual([none.code, /split has no valid split; it has test/.test(none.stderr)], [1, true], none.stderr);
  });

  const wrong: Record<string, [string[], number, RegExp]> = {
    'no detector': [[], 2, /--detector must be given/],
    'a detector that is not there': [['--detector', '/nonexistent'], 1, /\[ERR_IO\]/],
    'data that is not there': [['--detector', 'x', '--data', '/nonexistent'], 1, /\[ERR_IO\]/],
    'photos that are not there': [['--detector', 'x', '--real', '/nonexistent'], 1, /folder \/nonexistent cannot be read: ENOENT\. \[ERR_IO\]/],
    'a folder that is a file, before the detector is loaded': [
      ['--detector', '/nonexistent', '--out', join(SAMPLES, 'CREDITS.md')], 1, /Cannot write CREDITS\.md: .*\[ERR_IO\]/,
    ],
    'an unknown split': [['--detector', 'x', '--split', 'half'], 2, /one of test, valid, train, all/],
  }; // prettier-ignore
  for (const [name, [more, expected, message]] of Object.entries(wrong)) {
    it(`refuses ${name}`, async () => {
      const { code, stderr, stdout } = await runHere(args(...more));
      assert.deepEqual([code, stdout], [expected, ''], stderr);
      assert.match(stderr, message);
    });
  }
});
