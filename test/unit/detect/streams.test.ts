/** Streams as images: they end no process, and no call leaves one open. */
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageInput } from '../../../ts/data/image-input.js';
import type { DeepcodeError } from '../../../ts/errors.js';
import { collect, makeDetector } from '../../support/fake-detector.js';

describe('Streams among many images', () => {
  const missing = (): Readable => createReadStream('/nonexistent/a.jpg');
  const silent = (): Readable => new Readable({ read: () => undefined });
  /** More than are read ahead. */
  const many = (count = 30): string[] => Array<string>(count).fill('1');
  // An error of a stream that nobody hears ends the process: here it fails the test.
  afterEach(() => sleep(20));

  it('fail in their turn when they failed long before it', async () => {
    const { detector, state } = makeDetector();
    state.delay = 5;
    const lists: (() => Iterable<ImageInput>)[] = [
      () => [...many(), missing()],
      () => new Set([...many().map((_, i) => String(i)), missing()]),
    ];
    for (const list of lists) {
      const outcomes = await collect(detector.detectAll(list()));
      const failed = outcomes.flatMap(({ error }, i) => (error ? [[i, (error as DeepcodeError).code, error.message]] : []));
      assert.deepEqual(failed, [[30, 'ERR_IO', 'Cannot read image: there is no such file.']]);
    }
    await assert.rejects(detector.detect([...many(), missing()]), { code: 'ERR_IO' });
  });

  it('fail in their turn, too, when the loop starts late', async () => {
    const { detector } = makeDetector();
    const outcomes = detector.detectAll(['1', missing()]);
    await sleep(20);
    assert.deepEqual((await collect(outcomes)).map(({ error }) => error?.message), [
      undefined,
      'Cannot read image: there is no such file.',
    ]);
  });

  it('are closed when the call ends without them: by a failure, an abort, a loop that is left', async () => {
    const { detector } = makeDetector();
    const ends: ((inputs: ImageInput[]) => Promise<unknown>)[] = [
      (inputs) => assert.rejects(detector.detect(['bad', ...inputs]), { code: 'ERR_IMAGE' }),
      (inputs) => assert.rejects(detector.detect(inputs, { signal: AbortSignal.abort() }), { name: 'AbortError' }),
      (inputs) => assert.rejects(detector.detect(inputs, { signal: AbortSignal.timeout(5) }), { name: 'AbortError' }),
      async (inputs) => {
        for await (const { input } of detector.detectAll(['bad', ...inputs])) if (input) break;
      },
    ];
    for (const end of ends) {
      let cancelled = false;
      const web = new ReadableStream({ cancel: () => void (cancelled = true) });
      const streams = [silent(), silent(), missing()];
      await end([...many(8), streams[0]!, ...many(), streams[1]!, streams[2]!, web]);
      await sleep(5);
      assert.deepEqual([...streams.map(({ destroyed }) => destroyed), cancelled], [true, true, true, true]);
    }
  });

  it('of a generator are closed when it has given them out, and never made when it has not', async () => {
    const { detector } = makeDetector();
    const made: Readable[] = [];
    function* inputs(): Generator<ImageInput> {
      yield 'bad';
      for (;;) {
        made.push(silent());
        yield made.at(-1)!;
      }
    }
    const controller = new AbortController();
    const outcomes = detector.detectAll(inputs(), { signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    await assert.rejects(collect(outcomes), { name: 'AbortError' });
    assert.ok(made.length > 0 && made.length < 20, `${made.length} streams were made`);
    assert.deepEqual(made.filter(({ destroyed }) => !destroyed), []);
  });

  it('are closed by a detector that was disposed of', async () => {
    const { detector } = makeDetector();
    detector.dispose();
    const streams = [missing(), missing(), missing(), missing()] as const;
    const gone = { code: 'ERR_DISPOSED' };
    await assert.rejects(detector.detect(streams[0]), gone);
    await assert.rejects(detector.detect([streams[1]]), gone);
    await assert.rejects(detector.heatmap(streams[2]), gone);
    await assert.rejects(collect(detector.detectAll([streams[3]])), gone);
    assert.deepEqual(streams.map(({ destroyed }) => destroyed), [true, true, true, true]);
  });

  it('are refused as the source of many, unless they give images', async () => {
    const { detector } = makeDetector();
    const bytes = [silent(), new Response('a').body!, new Blob(['a']).stream()];
    for (const stream of bytes) {
      assert.throws(() => detector.detectAll(stream as unknown as ImageInput[]), {
        code: 'ERR_INVALID_ARG',
        message: /such as \[stream\] \(a stream of bytes is one image\)/,
      });
      if (stream instanceof ReadableStream) assert.equal(stream.locked, false);
    }
    const paths = new ReadableStream<string>({
      start: (to) => ['1', '2'].forEach((path) => to.enqueue(path)) ?? to.close(),
    });
    for (const source of [Readable.from(['1', '2']), paths as unknown as AsyncIterable<string>]) {
      assert.equal((await collect(detector.detectAll(source as AsyncIterable<string>))).length, 2);
    }
  });
});
