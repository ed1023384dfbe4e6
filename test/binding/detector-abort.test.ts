/** An abort at any moment ends the call with AbortError, and the next result is that of a fresh detector. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Detector } from '../../ts/detect/detector.js';
import { writeRandomVit } from '../support/random-vit.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const SAMPLES = join(__dirname, '..', 'data', 'samples');
const FILES = readdirSync(SAMPLES)
  .filter((name) => name.endsWith('.jpg'))
  .sort()
  .map((name) => join(SAMPLES, name));
const POINTS = 20;

describe('Detector, aborted', () => {
  const at = useTemporaryFolder();

  it(`gives AbortError or the right answer at ${POINTS} points of a call, and the right answer after it`, async () => {
    using detector = await Detector.load(writeRandomVit(at('vit'), { depth: 4, embedDim: 64 }), {
      device: 'cpu',
      batchSize: 2,
    });
    const started = performance.now();
    const expected = await detector.detect(FILES);
    const duration = performance.now() - started;
    let aborted = 0;
    for (let point = 0; point < POINTS; point++) {
      const controller = new AbortController();
      const call = detector.detect(FILES, { signal: controller.signal });
      call.catch(() => undefined);
      await sleep((duration * point) / POINTS);
      controller.abort();
      const [result] = await Promise.allSettled([call]);
      if (result.status === 'fulfilled') assert.deepEqual(result.value, expected);
      else assert.equal((result.reason as Error).name, 'AbortError');
      aborted += result.status === 'rejected' ? 1 : 0;
      const [first] = await detector.detect([FILES[point % FILES.length]!]);
      assert.ok(Math.abs(first!.score - expected[point % FILES.length]!.score) < 1e-6);
    }
    assert.ok(aborted > 0, 'no call was aborted in time');
    assert.deepEqual(await detector.detect(FILES), expected);
  });

  it('leaves no listeners on a signal that many calls shared', async () => {
    using detector = await Detector.load(writeRandomVit(at('vit')), { device: 'cpu' });
    const { signal } = new AbortController();
    const outcomes = detector.detectAll(FILES, { signal });
    await Promise.all([
      detector.detect(FILES, { signal }),
      ...FILES.map((file) => detector.detect(file, { signal })),
    ]);
    await detector.heatmap(FILES[0]!, { signal });
    await outcomes.next();
    await outcomes.return();
    await sleep(20);
    assert.equal(EventEmitter.getEventListeners(signal, 'abort').length, 0);
  });
});
