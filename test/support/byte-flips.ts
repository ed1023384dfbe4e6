/** Feeds the decoder damaged copies of valid files of every format. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage } from '../../ts/data/decode.js';
import { DeepcodeError } from '../../ts/errors.js';
import { createRandom } from '../../ts/metrics/random.js';

const IMAGES = join(__dirname, '../parity/decode/images');

/**
 * Changes one to eight random bytes of a random file, `count` times. Every copy must give pixels or ERR_IMAGE;
 * at the end the untouched files must still decode.
 */
export async function flipBytes(count: number, seed: number): Promise<void> {
  const files = readdirSync(IMAGES).sort().map((name) => readFileSync(join(IMAGES, name)));
  const random = createRandom(seed);
  const outcomes = { image: 0, refused: 0 };
  for (let i = 0; i < count; i++) {
    const bytes = Buffer.from(files[random.below(files.length)]!);
    for (let flips = 1 + random.below(8); flips > 0; flips--) bytes[random.below(bytes.length)] = random.below(256);
    try {
      const { width, height, data } = await decodeImage(bytes);
      assert.equal(data.length, width * height * 3);
      outcomes.image++;
    } catch (error) {
      assert.ok(error instanceof DeepcodeError && error.code === 'ERR_IMAGE', String(error));
      outcomes.refused++;
    }
  }
  assert.ok(outcomes.image > 0 && outcomes.refused > 0, JSON.stringify(outcomes));
  for (const bytes of files) await decodeImage(bytes);
}
