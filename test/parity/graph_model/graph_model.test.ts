import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeGraphModel } from '../../../ts/attributes/graph-model.js';
import { modelJson, type Weight } from '../../support/graph-model-bytes.js';

const { specs, values } = JSON.parse(readFileSync(join(__dirname, 'quantised.json'), 'utf8')) as {
  specs: Weight[];
  values: Record<string, number[]>;
};

describe('weights of a graph model against TensorFlow.js', () => {
  it('are the same numbers, however they are stored', async () => {
    const bytes = Uint8Array.from({ length: 68 }, (_, i) => i);
    const model = await decodeGraphModel(Buffer.from(JSON.stringify(modelJson(specs, 'w.bin'))), async () => bytes);
    assert.deepEqual([...model.weights.keys()], Object.keys(values));
    for (const [name, expected] of Object.entries(values)) {
      assert.deepEqual([...(model.weights.get(name)!.data as Float32Array)], expected, name);
    }
  });
});
