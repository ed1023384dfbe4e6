import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeImage } from '../../../ts/data/decode.js';
import { settleInput } from '../../../ts/detect/input.js';

describe('settleInput', () => {
  it('leaves paths and bytes alone and reads streams', async () => {
    const bytes = Buffer.from('abc');
    assert.equal(await settleInput('a.jpg', undefined), 'a.jpg');
    assert.equal(await settleInput(bytes, undefined), bytes);
    assert.deepEqual(
      await settleInput(Readable.from([bytes, bytes]), undefined),
      Buffer.from('abcabc'),
    );
  });

  it('reads web streams, Blobs and ArrayBuffers', async () => {
    const bytes = Buffer.from('abcabc');
    const inputs = [new Blob([bytes]), new Blob([bytes]).stream(), new Response(bytes).body!, Uint8Array.from(bytes).buffer];
    for (const input of inputs) assert.deepEqual(Buffer.from(await settleInput(input, undefined)), bytes);
  });

  it('refuses what is longer than a file may be, of whatever kind', async () => {
    const chunk = new Uint8Array(2 ** 20);
    let closed = false;
    const endless = new ReadableStream({ pull: (to) => to.enqueue(chunk), cancel: () => void (closed = true) });
    const long = new Blob(Array.from({ length: 129 }, () => chunk));
    for (const input of [endless, long, new ArrayBuffer(2 ** 27 + 1)]) {
      await assert.rejects(settleInput(input, undefined), { code: 'ERR_IMAGE', message: /larger than 128 MiB/ });
    }
    assert.equal(closed, true);
  });

  it('says what is wrong with a web stream: in use, broken, cut by the network', async () => {
    const used = new Blob(['a']).stream();
    used.getReader();
    await assert.rejects(settleInput(used, undefined), { code: 'ERR_IO', message: /the stream has another reader/ });
    const broken = new ReadableStream({ start: (to) => to.error('cut') });
    await assert.rejects(settleInput(broken, undefined), { code: 'ERR_IO' });
    const terminated = new TypeError('terminated', { cause: Object.assign(new Error(), { code: 'UND_ERR_SOCKET' }) });
    const fetched = new ReadableStream({ start: (to) => to.error(terminated) });
    await assert.rejects(settleInput(fetched, undefined), { code: 'ERR_IO', message: /UND_ERR_SOCKET/ });
  });

  it('reports a stream that breaks', async () => {
    const broken = new Readable({ read: () => undefined });
    const call = settleInput(broken, undefined);
    broken.destroy(new Error('cut'));
    await assert.rejects(call, { code: 'ERR_IO' });
  });

  it('ends with AbortError and closes the stream', async () => {
    const controller = new AbortController();
    const silent = new Readable({ read: () => undefined });
    const call = settleInput(silent, controller.signal);
    controller.abort('enough');
    await assert.rejects(
      call,
      (error: Error) => error.name === 'AbortError' && error.cause === 'enough',
    );
    assert.equal(silent.destroyed, true);
  });

  it('ends with AbortError for a signal that was aborted before, and closes the stream', async () => {
    const signal = AbortSignal.abort('no');
    const stream = createReadStream('/nonexistent/a.jpg');
    let reason: unknown;
    const web = new ReadableStream({ cancel: (given) => void (reason = [given]) });
    for (const input of [stream, web]) {
      await assert.rejects(settleInput(input, signal), (error: Error) => error.name === 'AbortError' && error.cause === 'no');
    }
    assert.deepEqual([stream.destroyed, reason], [true, [undefined]]);
    // An error of a stream that nobody hears ends the process.
    await sleep(20);
  });

  it('closes a silent web stream on abort', async () => {
    const controller = new AbortController();
    let closed = false;
    const silent = new ReadableStream({ cancel: () => void (closed = true) });
    const call = settleInput(silent, controller.signal);
    controller.abort('enough');
    await assert.rejects(call, { name: 'AbortError' });
    await sleep(1);
    assert.equal(closed, true);
  });
});

describe('decodeImage of a stream', () => {
  it('ends with AbortError while the stream gives nothing, and closes it', async () => {
    const controller = new AbortController();
    const silent = new Readable({ read: () => undefined });
    const call = decodeImage(silent, { signal: controller.signal });
    controller.abort('enough');
    await assert.rejects(call, (error: Error) => error.name === 'AbortError' && error.cause === 'enough');
    assert.equal(silent.destroyed, true);
  });
});

describe('an image', () => {
  it('that is none is refused with all that there is to pass', () => {
    for (const input of [new Response('a'), new DataView(new ArrayBuffer(1)), 5, null]) {
      assert.throws(() => decodeImage(input as unknown as string), {
        code: 'ERR_INVALID_ARG',
        message: /Expected a path, Buffer, Uint8Array, ArrayBuffer, Blob, Readable or ReadableStream for image/,
      });
    }
  });
});
