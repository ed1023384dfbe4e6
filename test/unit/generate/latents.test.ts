import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { latentsOf, latentValues, sliceLatents } from '../../../ts/generate/latents.js';
import { readLatentsFile, writeLatentsFile } from '../../../ts/generate/latents-file.js';
import { readSafetensors, writeSafetensors } from '../../../ts/weights/safetensors.js';
import type { TensorData } from '../../../ts/weights/tensor-data.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const counted = (shape: number[]): TensorData => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
});
const SHAPE = { channels: 2, height: 1, width: 3 };

describe('latents', () => {
  const path = useTemporaryFolder();

  it('of a batch are cut out of all of them', () => {
    const part = sliceLatents(counted([3, 2, 1, 3]), 1, 3);
    assert.deepEqual(part.shape, [2, 2, 1, 3]);
    assert.deepEqual([...part.data].map(Number), [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    assert.deepEqual(sliceLatents(counted([1, 2, 1, 3]), 1, 3).shape, [1, 2, 1, 3]);
  });

  it('of one image are cut out of a result', () => {
    const { shape, data } = latentsOf(Float32Array.from({ length: 12 }, (_, i) => i), 1, SHAPE);
    assert.deepEqual([shape, [...data].map(Number)], [[2, 1, 3], [6, 7, 8, 9, 10, 11]]);
  });

  it('fit the images, in any float format', () => {
    const half: TensorData = { dtype: 'F16', shape: [1, 2, 1, 3], data: new Uint16Array(6).fill(0x3c00) };
    assert.deepEqual([...latentValues(half, 5, SHAPE)], [1, 1, 1, 1, 1, 1]);
    assert.throws(() => latentValues(counted([2, 2, 1, 3]), 5, SHAPE), /Expected shape \[1 or 5, 2, 1, 3\] for latents but received \[2, 2, 1, 3\]/);
    assert.throws(() => latentValues(counted([1, 2, 3, 1]), 1, SHAPE), RangeError);
  });

  it('come back from a file', async () => {
    await writeLatentsFile(path('l.safetensors'), [counted([2, 1, 3]), counted([2, 1, 3])]);
    const { shape, data } = await readLatentsFile(path('l.safetensors'));
    assert.deepEqual(shape, [2, 2, 1, 3]);
    assert.deepEqual([...data].map(Number), [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
    assert.deepEqual([...(await readSafetensors(path('l.safetensors'))).tensors.keys()], ['latents']);
  });

  it('are taken from the only tensor of a file, whatever it is called', async () => {
    await writeSafetensors(path('x.safetensors'), { noise: counted([1, 2, 1, 3]) });
    assert.deepEqual((await readLatentsFile(path('x.safetensors'))).shape, [1, 2, 1, 3]);
  });

  it('of a file that holds none are refused', async () => {
    await writeSafetensors(path('two.safetensors'), { a: counted([1]), b: counted([1]) });
    await writeSafetensors(path('flat.safetensors'), { latents: counted([6]) });
    await writeSafetensors(path('whole.safetensors'), { latents: { dtype: 'I32', shape: [1, 1, 1, 1], data: new Int32Array(1) } });
    writeFileSync(path('text.safetensors'), 'no tensors');
    const codes = { 'two.safetensors': 'ERR_WEIGHTS_MISSING', 'flat.safetensors': 'ERR_SHAPE', 'whole.safetensors': 'ERR_SHAPE', 'text.safetensors': 'ERR_WEIGHTS_FORMAT', 'none.safetensors': 'ERR_IO' };
    for (const [name, code] of Object.entries(codes)) await assert.rejects(readLatentsFile(path(name)), { code }, name);
  });
});
