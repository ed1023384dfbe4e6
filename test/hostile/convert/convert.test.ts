import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { convertCheckpoint } from '../../../ts/convert/index.js';
import { DeepcodeError, type ErrorCode } from '../../../ts/errors.js';
import { createRandom } from '../../../ts/metrics/random.js';
import { peakMemory, resetPeakMemory } from '../../support/peak-memory.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';
import { HOSTILE_CHECKPOINTS, MARKER, PICKLE_COUNT } from './hostile-checkpoints.js';
import { dict, global, join, pickle, stateDict, tensor, torchLegacy, torchZip } from './pickle-bytes.js';

const MB = 1 << 20;
const FLIPS = 300;

describe('hostile PyTorch checkpoints', () => {
  const at = useTemporaryFolder();

  async function assertRefused(name: string, code: ErrorCode = 'ERR_WEIGHTS_FORMAT'): Promise<DeepcodeError> {
    const error: unknown = await convertCheckpoint(at(name), at('out.safetensors')).then(
      () => assert.fail(`${name} was accepted`),
      (reason: unknown) => reason,
    );
    assert(error instanceof DeepcodeError, String(error));
    assert.equal(error.code, code, error.message);
    assert(error.message.length <= 300, `${error.message.length} characters`);
    assert.match(error.message, new RegExp(name.replace('.', '\\.')));
    assert.doesNotMatch(error.message, /\/etc|\.\.\/|0x[0-9a-f]{6}|[\0-\x1f]/);
    return error;
  }

  async function assertNextOneWorks(): Promise<void> {
    writeFileSync(at('good.pth'), torchZip(stateDict()));
    const { tensors } = await convertCheckpoint(at('good.pth'), at('good.safetensors'));
    assert.deepEqual(tensors, [{ name: 'w', dtype: 'F32', shape: [2] }]);
  }

  it('are 60 pickles or more', () => {
    assert.ok(PICKLE_COUNT >= 60, String(PICKLE_COUNT));
    assert.equal(new Set(HOSTILE_CHECKPOINTS.map(({ name }) => name)).size, HOSTILE_CHECKPOINTS.length);
  });

  for (const { name, bytes, says } of HOSTILE_CHECKPOINTS) {
    it(`refuses ${name}`, async () => {
      const content = bytes();
      const size = content.length;
      writeFileSync(at('model.pth'), content);
      resetPeakMemory();
      const before = peakMemory();
      const error = await assertRefused('model.pth');
      const rise = peakMemory() - before;
      assert.match(error.message, says);
      assert.ok(rise <= 64 * MB + size, `peak memory rose by ${Math.round(rise / MB)} MB over a file of ${size} bytes`);
      assert.deepEqual(readdirSync(at()), ['model.pth'], 'nothing was written');
      assert.ok(!existsSync(MARKER), 'nothing was executed');
      await assertNextOneWorks();
    });
  }

  it('accepts the same files without what is wrong in them', async () => {
    for (const bytes of [torchZip(stateDict()), torchLegacy(stateDict()), torchZip(stateDict(), undefined, { zip64: true, gap: Buffer.alloc(9) })]) {
      writeFileSync(at('model.pth'), bytes);
      const { tensors } = await convertCheckpoint(at('model.pth'), at('out.safetensors'), { force: true });
      assert.deepEqual(tensors, [{ name: 'w', dtype: 'F32', shape: [2] }]);
    }
  });

  it('refuses names that safetensors files do not have', async () => {
    for (const name of ['__proto__', '__metadata__', '']) {
      writeFileSync(at('model.pth'), torchZip(pickle(dict([name, tensor()]))));
      await assert.rejects(convertCheckpoint(at('model.pth'), at('out.safetensors')), { code: 'ERR_WEIGHTS_FORMAT' });
    }
    assert.deepEqual(readdirSync(at()), ['model.pth']);
  });

  it('refuses a rank over 8', async () => {
    const ones = Array<number>(9).fill(1);
    writeFileSync(at('model.pth'), torchZip(stateDict({ shape: ones, stride: ones })));
    await assert.rejects(convertCheckpoint(at('model.pth'), at('out.safetensors')), { code: 'ERR_WEIGHTS_FORMAT' });
  });

  it('shows control characters of names as question marks', async () => {
    writeFileSync(at('model.pth'), torchZip(pickle(global('os\x1b[31m', 'system'))));
    assert.match((await assertRefused('model.pth')).message, /os\?\?31m\.system/);
  });

  it('refuses what holds no tensor', async () => {
    writeFileSync(at('model.pth'), torchZip(pickle(dict(['epoch', '\x88']))));
    await assertRefused('model.pth', 'ERR_WEIGHTS_MISSING');
  });

  it('refuses what is not a file without waiting for it', async () => {
    mkdirSync(at('folder.pth'));
    execFileSync('mkfifo', [at('pipe.pth')]);
    for (const name of ['folder.pth', 'pipe.pth', 'absent.pth']) await assertRefused(name, 'ERR_IO');
    await assertNextOneWorks();
  });

  it(`gives a file or a typed error for ${FLIPS} files with random bytes changed`, async () => {
    const files = [torchZip(stateDict()), torchLegacy(stateDict()), torchZip(join(pickle(dict(['model', dict(['a', tensor()], ['b', tensor({ shape: [1, 2], stride: [2, 1] })])]))))];
    const random = createRandom(1);
    const outcomes = { written: 0, refused: 0 };
    for (let i = 0; i < FLIPS; i++) {
      const bytes = Buffer.from(files[i % files.length]!);
      for (let flips = 1 + random.below(4); flips > 0; flips--) bytes[random.below(bytes.length)] = random.below(256);
      writeFileSync(at('model.pth'), bytes);
      try {
        await convertCheckpoint(at('model.pth'), at('out.safetensors'), { force: true });
        outcomes.written++;
      } catch (error) {
        assert.ok(error instanceof DeepcodeError && /^ERR_WEIGHTS_(FORMAT|MISSING)$/.test(error.code), String(error));
        outcomes.refused++;
      }
    }
    assert.ok(outcomes.written > 0 && outcomes.refused > 0, JSON.stringify(outcomes));
    assert.ok(!existsSync(MARKER));
    await assertNextOneWorks();
  });
});
