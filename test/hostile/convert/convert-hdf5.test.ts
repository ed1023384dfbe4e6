import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertCheckpoint } from '../../../ts/convert/index.js';
import { DeepcodeError } from '../../../ts/errors.js';
import { createRandom } from '../../../ts/metrics/random.js';
import { peakMemory, resetPeakMemory } from '../../support/peak-memory.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const MB = 1 << 20;
const FLIPS = 8;

/** generate.py writes these; `plain` is the one with nothing wrong. */
const SAYS: Readonly<Record<string, RegExp>> = {
  'cut-off': /damaged/,
  'external-link': /links to another file/,
  'external-link-to-itself': /links to another file/,
  'external-storage': /damaged/,
  fletcher32: /filter other than gzip and shuffle/,
  'group-cycle': /nested without end/,
  'gzip-bomb': /larger than the file can hold/,
  'gzip-false-size': /damaged/,
  'huge-chunk': /larger than the file can hold/,
  'huge-heap': /damaged/,
  lambda: /Lambda layer/,
  'lambda-fixed-text': /Lambda layer/,
  lzf: /filter other than gzip and shuffle/,
  'never-written': /larger than the file can hold/,
  'scale-offset': /filter other than gzip and shuffle/,
  'signature-only': /damaged/,
  'soft-link': /soft link/,
  'tree-loop': /damaged/,
  virtual: /values are in other places/,
};

describe('hostile HDF5 files', () => {
  const at = useTemporaryFolder();

  async function assertPlainWorks(): Promise<void> {
    const { tensors } = await convertCheckpoint(join(__dirname, 'plain.h5'), at('plain.safetensors'));
    assert.deepEqual(tensors.map(({ name }) => name), ['conv.kernel', 'dense.kernel']);
  }

  it('are those of generate.py', () => {
    const files = readdirSync(__dirname).filter((name) => name.endsWith('.h5'));
    assert.deepEqual(files.sort(), [...Object.keys(SAYS), 'plain'].map((name) => `${name}.h5`).sort());
  });

  for (const [name, says] of Object.entries(SAYS)) {
    it(`refuses ${name}`, async () => {
      const path = join(__dirname, `${name}.h5`);
      resetPeakMemory();
      const before = peakMemory();
      const error: unknown = await convertCheckpoint(path, at('out.safetensors')).then(
        () => assert.fail(`${name} was accepted`),
        (reason: unknown) => reason,
      );
      const rise = peakMemory() - before;
      assert(error instanceof DeepcodeError, String(error));
      assert.equal(error.code, 'ERR_WEIGHTS_FORMAT', error.message);
      assert.match(error.message, says);
      assert.ok(error.message.length <= 300);
      assert.doesNotMatch(error.message, /\/etc|HDF5-DIAG|\.c\b|[\0-\x1f]/);
      assert.ok(rise <= 64 * MB + readFileSync(path).length, `peak memory rose by ${Math.round(rise / MB)} MB`);
      assert.deepEqual(readdirSync(at()), [], 'nothing was written');
    });
  }

  it('leave the next file to be read', async () => {
    await assert.rejects(convertCheckpoint(join(__dirname, 'tree-loop.h5'), at('out.safetensors')), DeepcodeError);
    await assertPlainWorks();
  });

  it(`give a file or a typed error when random bytes are changed (${FLIPS} times)`, async () => {
    const plain = readFileSync(join(__dirname, 'plain.h5'));
    const random = createRandom(5);
    for (let i = 0; i < FLIPS; i++) {
      const bytes = Buffer.from(plain);
      for (let flips = 4; flips > 0; flips--) bytes[random.below(bytes.length)] = random.below(256);
      writeFileSync(at('model.h5'), bytes);
      const outcome: unknown = await convertCheckpoint(at('model.h5'), at('out.safetensors'), { force: true }).catch((error: unknown) => error);
      const typed = outcome instanceof DeepcodeError && /^ERR_WEIGHTS_(FORMAT|MISSING)$/.test(outcome.code);
      assert.ok(typed || !(outcome instanceof Error), String(outcome));
    }
    await assertPlainWorks();
  });
});
