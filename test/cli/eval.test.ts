/** `deepcode eval` as a process, with a small random network. Its numbers are tested in test/unit/metrics. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { jsonLines, runCli } from '../support/cli.js';
import { runHere } from '../support/run-here.js';
import { writeRandomVit } from '../support/random-vit.js';
import { parseXml } from '../support/well-formed-xml.js';

const SAMPLES = join(__dirname, '..', 'data', 'samples');

describe('deepcode eval', () => {
  let folder: string;
  let model: string[];
  let data: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
    model = ['--model', writeRandomVit(join(folder, 'vit'), { imageSize: 64 }), '--device', 'cpu'];
    data = join(folder, 'samples');
    for (const label of ['real', 'fake']) {
      mkdirSync(join(data, label), { recursive: true });
      const names = readdirSync(SAMPLES).filter((name) => name.startsWith(`${label}-`));
      for (const name of names)
        copyFileSync(join(SAMPLES, name), join(data, label, name.slice(label.length + 1)));
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('prints one JSON object a data set, with every metric, per source too', async () => {
    const { code, stdout } = await runCli(['eval', '--data', data, '--json', ...model]);
    const [report] = jsonLines(stdout);
    const metrics = [
      'accuracy',
      'loss',
      'auc',
      'averagePrecision',
      'eer',
      'tpr',
      'fpr',
      'ece',
      'confusion',
    ];
    assert.deepEqual(
      metrics.filter((name) => report![name] === undefined),
      [],
    );
    assert.deepEqual([report!.data, report!.real, report!.fake], ['samples', 6, 5]);
    const sources = (report!.perSource as { source: string; count: number }[]).map(
      ({ source, count }) => [source, count],
    );
    assert.deepEqual(sources, [
      ['congress', 3],
      ['flux', 5],
      ['london', 3],
    ]);
    assert.equal(code, 0);
  });

  it('agrees with deepcode detect', async () => {
    const [evaluation, detections] = await Promise.all([
      runCli(['eval', '--data', data, '--json', '--threshold', '0.6', ...model]),
      runCli(['detect', join(data, 'fake'), '--json', ...model]),
    ]);
    const found = jsonLines(detections.stdout).filter(
      ({ score }) => (score as number) >= 0.6,
    ).length;
    const [report] = jsonLines(evaluation.stdout);
    assert.equal((report!.confusion as { truePositives: number }).truePositives, found);
    assert.equal(report!.threshold, 0.6);
  });

  it('prints the table of domains, and writes report and charts', async () => {
    const out = join(folder, 'out');
    const args = [
      'eval',
      '--data',
      data,
      '--data',
      data,
      '--within',
      'samples',
      '--out',
      out,
      ...model,
    ];
    const { code, stdout, stderr } = await runCli(args);
    assert.match(stdout, /^data\s+domain\s+real\s+fake\s+accuracy/);
    assert.match(stdout, /^samples\s+within\s+6\s+5/m);
    assert.match(stdout, /^samples \(2\)\s+within/m);
    assert.match(stdout, /^flux\s+0\s+5/m);
    assert.match(stderr, /Wrote .*evaluation\.json/);
    assert.deepEqual(readdirSync(out).sort(), [
      'auc.svg',
      'calibration.svg',
      'evaluation.json',
      'evaluation.md',
      'roc.svg',
    ]);
    for (const name of ['auc.svg', 'calibration.svg', 'roc.svg'])
      parseXml(readFileSync(join(out, name), 'utf8'));
    const reports = JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8')) as {
      auc: number;
      aucInterval: [number, number];
    }[];
    assert.equal(reports.length, 2);
    for (const { auc, aucInterval } of reports) {
      assert.ok(aucInterval[0] <= auc && auc <= aucInterval[1] && aucInterval[0] < aucInterval[1]);
    }
    assert.equal(code, 0);
  });

  it('takes a part of a training set for within its domain, and says when its images may be known', async () => {
    const { stdout, stderr } = await runCli(['eval', '--data', data, '--within', basename(folder), ...model]);
    assert.match(stdout, /^samples\s+within\s+6\s+5/m);
    assert.match(stdout, /by source \(AUC in brackets: a source of one class against all images of the other\)/);
    assert.match(stderr, /samples is within the training domain and not split: the detector may have been trained on these very images\./);
  });

  it('reports images that cannot be read and exits with 1', async () => {
    const bad = join(data, 'real', 'zz.jpg');
    writeFileSync(bad, 'no image');
    try {
      const { code, stdout, stderr } = await runCli(['eval', '--data', data, '--json', ...model]);
      assert.deepEqual(jsonLines(stdout)[0]!.failed, [`real/${basename(bad)}`]);
      assert.match(stderr, /real\/zz\.jpg: Cannot decode/);
      assert.equal(code, 1);
      const strict = await runCli(['eval', '--data', data, '--max-bad-images', '0', ...model]);
      assert.match(strict.stderr, /\[ERR_DATASET\]/);
      assert.deepEqual([strict.code, strict.stdout], [1, '']);
    } finally {
      rmSync(bad);
    }
  });

  it('takes the asked split only', async () => {
    const split = join(folder, 'split');
    for (const [part, label] of [
      ['train', 'real'],
      ['train', 'fake'],
      ['test', 'real'],
      ['test', 'fake'],
    ] as const) {
      mkdirSync(join(split, part, label), { recursive: true });
      copyFileSync(join(SAMPLES, 'real-london-1.jpg'), join(split, part, label, `${part}-1.jpg`));
    }
    const count = async (...args: string[]): Promise<unknown[]> => {
      const [report] = jsonLines(
        (await runCli(['eval', '--data', split, '--json', ...args, ...model])).stdout,
      );
      return [report!.data, report!.count];
    };
    assert.deepEqual(await count(), ['split/test', 2]);
    assert.deepEqual(await count('--split', 'all'), ['split', 4]);
    const part = await runCli([
      'eval',
      '--data',
      join(split, 'test'),
      '--within',
      'split',
      '--json',
      ...model,
    ]);
    const [report] = jsonLines(part.stdout);
    assert.deepEqual([report!.data, report!.domain, report!.count], ['split/test', 'within', 2]);
    const { code, stderr } = await runCli(['eval', '--data', split, '--split', 'valid', ...model]);
    assert.match(stderr, /has no valid split; it has train, test/);
    assert.equal(code, 2);
  });

  it('tries --out before the detector is loaded', async () => {
    const out = join(folder, 'taken');
    writeFileSync(out, '');
    const { code, stderr } = await runHere(['eval', '--data', data, '--out', out, '--model', join(folder, 'none')]);
    assert.match(stderr, /Cannot write taken: .*\[ERR_IO\]/);
    assert.equal(code, 1);
  });

  it('refuses folders whose names say nothing', async () => {
    mkdirSync(join(folder, 'unknown', 'cats'), { recursive: true });
    mkdirSync(join(folder, 'unknown', 'dogs'));
    const { code, stderr } = await runCli(['eval', '--data', join(folder, 'unknown'), ...model]);
    assert.match(stderr, /real.*fake.*\[ERR_DATASET\]/s);
    assert.equal(code, 1);
  });
});
