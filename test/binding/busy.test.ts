/** The queue of a device is bounded: calls over the limit are refused at once, and nothing else is disturbed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeepcodeError } from '../../ts/errors.js';
import { callNative } from '../../ts/native.js';
import type { NativeDetector } from '../../ts/native/detector.js';
import { openDetector } from '../support/parity-network.js';
import { writeRandomVit } from '../support/random-vit.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const EXECUTOR = join(__dirname, '..', '..', 'native', 'runtime', 'executor.h');
const LIMIT = Number(/kQueueLimit = (\d+);/.exec(readFileSync(EXECUTOR, 'utf8'))![1]);

/** So many that the thread cannot keep up with them, however long a call takes to post. */
const CALLS = 8 * LIMIT;
const SIDE = 64;

/** Images that the network tells apart. */
const IMAGES = [0, 60, 120, 180, 240].map((value) =>
  Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => (value + i * (value % 7)) & 255),
);
const imageOf = (call: number): Uint8Array => IMAGES[call % IMAGES.length]!;

describe('The queue of a device', () => {
  const at = useTemporaryFolder();

  const logitsOf = async (network: NativeDetector, images: Uint8Array): Promise<number[]> => {
    const { logits } = await callNative(undefined, (_, token) => network.forward(images, images.length / (SIDE * SIDE * 3), token));
    return [...logits];
  };

  async function expectedLogits(network: NativeDetector): Promise<number[][]> {
    const expected: number[][] = [];
    for (const image of IMAGES) expected.push(await logitsOf(network, image));
    assert.equal(new Set(expected.map(String)).size, IMAGES.length, 'the images have logits of their own');
    return expected;
  }

  it(`takes ${LIMIT} waiting calls and answers them rightly; others reject with ERR_BUSY, and the next call works`, async () => {
    assert.equal(LIMIT, 256);
    const network = await openDetector(writeRandomVit(at('vit')));
    try {
      const expected = await expectedLogits(network);
      // The network is busy with this one while the others are posted.
      const first = logitsOf(network, Buffer.concat(Array.from({ length: 256 }, () => IMAGES[0]!)));
      const outcomes = await Promise.allSettled(Array.from({ length: CALLS }, (_, call) => logitsOf(network, imageOf(call))));
      assert.equal((await first).length, 2 * 256);
      const accepted = outcomes.flatMap((outcome, call) => (outcome.status === 'fulfilled' ? [{ call, logits: outcome.value }] : []));
      const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as DeepcodeError] : []));
      // The first of them may wait behind the big call.
      assert.deepEqual(accepted.slice(0, LIMIT - 1).map(({ call }) => call), Array.from({ length: LIMIT - 1 }, (_, call) => call));
      for (const { call, logits } of accepted) assert.deepEqual(logits, expected[call % IMAGES.length], `call ${call}`);
      assert.ok(errors.length > 0, 'some calls were refused');
      for (const { name, code, message } of errors) {
        assert.deepEqual([name, code], ['DeepcodeError', 'ERR_BUSY']);
        assert.match(message, /^Too many calls are waiting for this device\. Await earlier calls first\.$/);
      }
      assert.deepEqual(await expectedLogits(network), expected);
    } finally {
      network.dispose();
    }
  });

  it('is free again for as many calls once they have ended', async () => {
    const network = await openDetector(writeRandomVit(at('vit')));
    try {
      const expected = await expectedLogits(network);
      const overflow = (count: number) => Promise.allSettled(Array.from({ length: count }, (_, call) => logitsOf(network, imageOf(call))));
      assert.ok((await overflow(CALLS)).some(({ status }) => status === 'rejected'));
      // A refused call left nothing behind that takes a place.
      const outcomes = await overflow(LIMIT);
      outcomes.forEach((outcome, call) =>
        assert.deepEqual(outcome, { status: 'fulfilled', value: expected[call % IMAGES.length] }, `call ${call}`),
      );
    } finally {
      network.dispose();
    }
  });
});
