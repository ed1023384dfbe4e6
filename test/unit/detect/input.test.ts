import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
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
});
