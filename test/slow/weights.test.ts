import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { DeepcodeError } from '../../ts/errors.js';
import { native } from '../../ts/native.js';
import { createRandom } from '../../ts/metrics/random.js';
import { verifyFolder } from '../../ts/weights/folder-manifest.js';
import { removeLeftovers } from '../../ts/weights/leftovers.js';
import { writeAtomicFolder } from '../../ts/weights/atomic-folder.js';
import { readSafetensors, SafetensorsFile } from '../../ts/weights/safetensors.js';
import { killedSave, type KillStage } from '../support/killed-save.js';
import { killWriter } from '../support/killed-writes.js';
import { INDEX_NAME } from '../support/malformed-indexes.js';
import { MALFORMED_FILES, type MalformedFile } from '../support/malformed-weights.js';
import { peakMemory, resetPeakMemory } from '../support/peak-memory.js';
import { entry, lengthBytes, validFile, withHeader, zeros } from '../support/safetensors-bytes.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const MAX_RISE = 64 << 20;
const MAX_MILLISECONDS = 2000;
const LARGE = 90_000_000;

/** `start`, then `part` as often as it fits into LARGE bytes, then `end`. */
function filled(start: string, part: string, end: string): () => Buffer {
  return () => withHeader(start + part.repeat(Math.floor((LARGE - start.length - end.length) / part.length)) + end);
}

function manyTensors(): Buffer {
  const entries = Array.from({ length: 131_073 }, (_, i) => entry(`t${i}`, '[0]', 0, 0));
  return withHeader(`{${entries.join(',')}}`);
}

/** Headers that are as expensive as 90 MB can be. */
const EXPENSIVE_FILES: MalformedFile[] = [
  { name: 'one long name', bytes: filled('{"', 'x', '":1}') },
  { name: 'one long name of escapes', bytes: filled('{"', '\\u0041', '":1}') },
  { name: 'an unterminated string of escapes', bytes: filled('{"', '\\n', '') },
  { name: 'one long metadata value', bytes: filled('{"__metadata__":{"a":"', 'x', '"}}') },
  { name: 'metadata without end', bytes: filled('{"__metadata__":{"a":"b"', ' ', '') },
  { name: 'a shape of a million sizes', bytes: filled('{"w":{"shape":[', '1,', '1]}}') },
  { name: 'one long number', bytes: filled('{"w":{"shape":[1', '0', ']}}') },
  { name: 'spaces and then no tensor', bytes: filled('{', ' ', ']') },
  { name: 'opening brackets', bytes: filled('{"w":', '[', '') },
  { name: 'too many tensors', bytes: manyTensors },
  { name: 'too many tensors without end', bytes: () => manyTensors().subarray(0, -1) },
];

describe('limits on hostile weight files', () => {
  const at = useTemporaryFolder();

  async function refuseWithinLimits(path: string): Promise<void> {
    const size = statSync(path).size;
    resetPeakMemory();
    const before = peakMemory();
    const start = performance.now();
    await assert.rejects(readSafetensors(path), { name: 'DeepcodeError' });
    const milliseconds = performance.now() - start;
    assert(milliseconds <= MAX_MILLISECONDS, `${milliseconds} ms`);
    const rise = peakMemory() - before - size;
    assert(rise <= MAX_RISE, `${Math.round(rise / 2 ** 20)} MB more than the file`);
  }

  before(() => void native()); // libtorch takes more than the limit

  for (const file of [...MALFORMED_FILES, ...EXPENSIVE_FILES]) {
    it(file.name, async () => {
      writeFileSync(at('model.safetensors'), file.bytes());
      if (file.stretchTo !== undefined) truncateSync(at('model.safetensors'), file.stretchTo);
      await refuseWithinLimits(at('model.safetensors'));
    });
  }

  it('an index with too many entries', async () => {
    const entries = Array.from({ length: 131_073 }, (_, i) => `"t${i}":"a.safetensors"`);
    writeFileSync(at(INDEX_NAME), `{"weight_map":{${entries.join(',')}}}`);
    await refuseWithinLimits(at(INDEX_NAME));
  });
});

describe('damaged safetensors headers', () => {
  const at = useTemporaryFolder();
  const HEADER =
    '{"__metadata__":{"a":"\\u00e9\\ud83d\\ude00"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},' +
    '"z":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}  ';

  it('20,000 with random bytes changed, removed or added: read or refused, never a crash', async () => {
    const random = createRandom(20_000);
    const outcomes = { read: 0, refused: 0 };
    for (let i = 0; i < 20_000; i++) {
      const bytes = [...Buffer.from(HEADER)];
      for (let changes = 1 + random.below(4); changes > 0; changes--) {
        const where = random.below(bytes.length);
        const structural = '{}[]",:0\\u19-.e'.charCodeAt(random.below(15));
        const value = random.below(2) === 0 ? random.below(256) : structural;
        bytes.splice(where, random.below(3), ...(random.below(4) === 0 ? [] : [value]));
      }
      const length = random.below(10) === 0 ? BigInt(random.below(300)) : BigInt(bytes.length);
      writeFileSync(at('m.safetensors'), Buffer.concat([lengthBytes(length), Buffer.from(bytes), zeros(16)]));
      try {
        using file = await SafetensorsFile.open(at('m.safetensors'));
        for (const name of file.names) await file.tensor(name);
        outcomes.read++;
      } catch (error) {
        assert(error instanceof DeepcodeError && error.code === 'ERR_WEIGHTS_FORMAT', String(error));
        assert(error.message.length <= 300);
        outcomes.refused++;
      }
    }
    assert(outcomes.read > 0 && outcomes.refused > 0, JSON.stringify(outcomes));
    writeFileSync(at('m.safetensors'), validFile());
    assert.equal((await readSafetensors(at('m.safetensors'))).tensors.size, 1);
  });
});

describe('kill -9 while saving, 50 times', () => {
  const at = useTemporaryFolder();
  const STAGES: KillStage[] = ['created', 'amid', 'written', 'synced', 'replacing', 'renamed'];

  it('leaves the old or the new folder, whole', async () => {
    for (let i = 0; i < 50; i++) {
      await writeAtomicFolder(at('state'), async (folder) => writeFileSync(`${folder}/a.txt`, 'old'));
      const stage = STAGES[i % STAGES.length]!;
      killedSave(at('state'), stage);
      await removeLeftovers(at());
      await verifyFolder(at('state'));
      assert.equal(readFileSync(at('state', 'a.txt'), 'utf8'), stage === 'renamed' ? 'new' : 'old');
      assert.deepEqual(readdirSync(at()), ['state']);
    }
  });

  it('leaves a whole weight file', async () => {
    for (let i = 0; i < 50; i++) {
      await killWriter(at('m.safetensors'), i);
      const { data } = (await readSafetensors(at('m.safetensors'))).tensors.get('w')!;
      assert(data.every((value) => value === data[0]), 'a mixture of two writes');
      assert(readdirSync(at()).length <= 2, readdirSync(at()).join());
    }
  });
});
