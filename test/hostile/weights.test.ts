import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { DeepcodeError, type ErrorCode } from '../../ts/errors.js';
import { readSafetensors, SafetensorsFile } from '../../ts/weights/safetensors.js';
import { INDEX_NAME, MALFORMED_INDEXES } from '../support/malformed-indexes.js';
import { MALFORMED_FILES } from '../support/malformed-weights.js';
import { entry, validFile, withHeader, zeros } from '../support/safetensors-bytes.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

describe('hostile weight files', () => {
  const at = useTemporaryFolder();

  async function assertRefused(path: string, code: ErrorCode): Promise<DeepcodeError> {
    const error: unknown = await readSafetensors(path).then(
      () => assert.fail(`${path} was accepted`),
      (reason: unknown) => reason,
    );
    assert(error instanceof DeepcodeError, String(error));
    assert.equal(error.code, code, error.message);
    assert(error.message.length <= 300, `${error.message.length} characters`);
    // Neither another path nor a frame of C++ nor a control character.
    assert.doesNotMatch(error.message, /\/etc|\.\.\/|\.cc\b|\.cpp\b|0x[0-9a-f]{6}|deepcode::|[\0-\x1f]/);
    return error;
  }

  async function assertNextLoadWorks(): Promise<void> {
    writeFileSync(at('good.safetensors'), validFile());
    const { tensors } = await readSafetensors(at('good.safetensors'));
    assert.deepEqual(tensors.get('w'), { dtype: 'F32', shape: [2], data: new Float32Array([1, 2]) });
  }

  it('are 78 kinds', () => {
    assert.equal(new Set(MALFORMED_FILES.map((file) => file.name)).size, 78);
  });

  for (const file of MALFORMED_FILES) {
    it(`refuses ${file.name}`, async () => {
      const path = at('model.safetensors');
      writeFileSync(path, file.bytes());
      if (file.stretchTo !== undefined) truncateSync(path, file.stretchTo);
      const error = await assertRefused(path, 'ERR_WEIGHTS_FORMAT');
      assert.match(error.message, /model\.safetensors/);
      await assertNextLoadWorks();
    });
  }

  for (const checkpoint of MALFORMED_INDEXES) {
    it(`refuses an index with ${checkpoint.name}`, async () => {
      for (const [name, bytes] of Object.entries(checkpoint.files)) writeFileSync(at(name), bytes);
      await assertRefused(at(INDEX_NAME), checkpoint.code);
      await assertNextLoadWorks();
    });
  }

  it('refuses what is not a file without waiting for it', async () => {
    mkdirSync(at('folder.safetensors'));
    execFileSync('mkfifo', [at('pipe.safetensors')]);
    symlinkSync('/dev/zero', at('endless.safetensors'));
    symlinkSync(at('loop.safetensors'), at('loop.safetensors'));
    for (const name of ['folder', 'pipe', 'endless', 'loop', 'absent']) {
      await assertRefused(at(`${name}.safetensors`), 'ERR_IO');
    }
    await assertNextLoadWorks();
  });

  it('keeps a message within its limit for the longest names', async () => {
    const name = 'é'.repeat(30_000);
    const entries = [entry(name, '[1]', 0, 4), entry(`${name}2`, '[9]', 4, 8)];
    writeFileSync(at('model.safetensors'), withHeader(`{${entries.join(',')}}`, zeros(8)));
    const error = await assertRefused(at('model.safetensors'), 'ERR_WEIGHTS_FORMAT');
    assert.match(error.message, /éé\.\.\.'/);
  });

  it('shows control characters of a name as question marks', async () => {
    writeFileSync(at('model.safetensors'), withHeader(`{${entry('\\u001b[31m\\u009b', '[9]', 0, 8)}}`, zeros(8)));
    const error = await assertRefused(at('model.safetensors'), 'ERR_WEIGHTS_FORMAT');
    assert.match(error.message, /'\?\[31m\?'/);
  });

  it('SafetensorsFile#tensor refuses a file that was shortened while open', async () => {
    writeFileSync(at('model.safetensors'), validFile());
    using file = await SafetensorsFile.open(at('model.safetensors'));
    truncateSync(at('model.safetensors'), 20);
    await assert.rejects(file.tensor('w'), { code: 'ERR_IO' });
    await assertNextLoadWorks();
  });
});
