/** evaluateDetector with a detector made for the test: its metrics are tested in test/unit/metrics. */
import assert from 'node:assert/strict';
import type { Detector } from '../../../ts/detect/detector.js';
import type { DetectionOutcome } from '../../../ts/detect/detector-types.js';
import { evaluateDetector, type EvaluationSample } from '../../../ts/detect/evaluate.js';
import { DeepcodeError } from '../../../ts/errors.js';
import { crossEntropy } from '../../../ts/metrics/log-loss.js';

/** The path is the margin; "bad" cannot be read. */
function fakeDetector(temperature = 1): Detector {
  async function* detectAll(paths: string[]): AsyncGenerator<DetectionOutcome<string>> {
    for (const input of paths) {
      const margin = Number(input);
      const score = 1 / (1 + Math.exp(-margin / temperature));
      if (Number.isNaN(margin))
        yield { input, error: new DeepcodeError('ERR_IMAGE', 'Cannot decode it.') };
      else
        yield {
          input,
          detection: { label: score < 0.5 ? 'real' : 'fake', score, logits: [0, margin] },
        };
    }
  }
  return { info: { temperature, threshold: 0.4 }, detectAll } as unknown as Detector;
}

const sample = (path: string, label: 0 | 1, source = 's'): EvaluationSample => ({
  path,
  name: `n/${path}`,
  label,
  source,
});
const SAMPLES = [
  sample('-2', 0, 'a'),
  sample('-0.2', 0, 'a'),
  sample('1', 1, 'b'),
  sample('-1', 1, 'b'),
];

describe('evaluateDetector', () => {
  it('reports at the threshold of the detector, or a given one', async () => {
    const { report, images } = await evaluateDetector(fakeDetector(), SAMPLES);
    assert.deepEqual([report.threshold, report.count, report.auc], [0.4, 4, 0.75]);
    assert.deepEqual(report.confusion, {
      truePositives: 1,
      falsePositives: 1,
      trueNegatives: 1,
      falseNegatives: 1,
    });
    assert.deepEqual(
      report.perSource.map(({ source, count }) => [source, count]),
      [
        ['a', 2],
        ['b', 2],
      ],
    );
    assert.deepEqual([...images.labels], [0, 0, 1, 1]);
    assert.deepEqual(images.names, ['n/-2', 'n/-0.2', 'n/1', 'n/-1']);
    const strict = await evaluateDetector(fakeDetector(), SAMPLES, { threshold: 0.9 });
    assert.equal(strict.report.confusion.truePositives, 0);
  });

  it('takes the loss at the temperature of the detector', async () => {
    const { report, images } = await evaluateDetector(fakeDetector(2), SAMPLES);
    const calibrated = images.logits.map((logit) => logit / 2);
    assert.ok(Math.abs(report.loss - crossEntropy(calibrated, images.labels)) < 1e-7);
  });

  it('leaves out what cannot be read and names it, up to a limit', async () => {
    const samples = [sample('bad', 0), ...SAMPLES, sample('worse', 1)];
    const { report, failures } = await evaluateDetector(fakeDetector(), samples, {
      maxBadImages: 2,
    });
    assert.deepEqual([report.count, failures.map(({ name }) => name)], [4, ['n/bad', 'n/worse']]);
    await assert.rejects(evaluateDetector(fakeDetector(), samples, { maxBadImages: 1 }), {
      code: 'ERR_DATASET',
      message: /More than 1 images cannot be read, the last one n\/worse/,
    });
  });

  it('tells how far it is', async () => {
    const seen: string[] = [];
    const onProgress = (done: number, total: number): number => seen.push(`${done}/${total}`);
    await evaluateDetector(fakeDetector(), SAMPLES, { onProgress });
    assert.deepEqual(seen, ['1/4', '2/4', '3/4', '4/4']);
  });

  it('needs an image', async () => {
    await assert.rejects(evaluateDetector(fakeDetector(), []), { code: 'ERR_DATASET' });
    await assert.rejects(evaluateDetector(fakeDetector(), [sample('bad', 1)]), {
      code: 'ERR_DATASET',
    });
  });
});
