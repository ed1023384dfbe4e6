import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MetricsLog, type EpochLine, type StepLine } from '../../../ts/detect/train/metrics-log.js';

const step = (n: number): StepLine => ({
  step: n,
  epoch: Math.ceil(n / 2),
  loss: 1 / n,
  ce: 1 / n,
  scl: 0,
  lr: 0.1,
  grad_norm: 1,
  images: 4,
  images_per_s: 10,
});
const epoch = (n: number): EpochLine => ({
  epoch: n,
  step: 2 * n,
  train_loss: 1,
  train_ce: 1,
  train_accuracy: 1,
  val_loss: 1,
  val_accuracy: 1,
  val_auc: null,
  seconds: 1,
});
const lines = [step(1), step(2), epoch(1), step(3), step(4), epoch(2), step(5)];
const text = (list: readonly object[]): string => list.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('MetricsLog', () => {
  let path: string;
  beforeEach(async () => void (path = join(await mkdtemp(join(tmpdir(), 'deepcode-')), 'metrics.jsonl')));
  afterEach(() => rm(join(path, '..'), { recursive: true }));

  async function reopened(content: string, position: { step: number; epochsDone: number }): Promise<string> {
    await writeFile(path, content);
    const log = await MetricsLog.open(path, position);
    await log.close();
    return readFile(path, 'utf8');
  }

  it('appends one line at a time', async () => {
    const log = await MetricsLog.open(path, { step: 0, epochsDone: 0 });
    for (const line of lines) await log.append(line);
    assert.deepEqual(log.epochs, [epoch(1), epoch(2)]);
    await log.close();
    assert.equal(await readFile(path, 'utf8'), text(lines));
  });

  it('drops what came after the checkpoint', async () => {
    assert.equal(await reopened(text(lines), { step: 3, epochsDone: 1 }), text(lines.slice(0, 4)));
  });

  it('drops the epoch line of a checkpoint that was made before validation', async () => {
    assert.equal(await reopened(text(lines), { step: 4, epochsDone: 1 }), text(lines.slice(0, 5)));
  });

  it('drops a torn last line', async () => {
    assert.equal(
      await reopened(text(lines).slice(0, -9), { step: 5, epochsDone: 2 }),
      text(lines.slice(0, 6)),
    );
  });

  it('starts anew without a file', async () => {
    const log = await MetricsLog.open(path, { step: 9, epochsDone: 3 });
    await log.close();
    assert.equal(await readFile(path, 'utf8'), '');
  });

  it('reports a damaged log as ERR_IO', async () => {
    await assert.rejects(reopened('{"step":1\n{"step":2}\n', { step: 2, epochsDone: 0 }), { code: 'ERR_IO' });
  });
});
