import assert from 'node:assert/strict';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { readSafetensors, SafetensorsFile, writeSafetensors } from '../../ts/weights/safetensors.js';
import { toFloat32Array, type TensorData } from '../../ts/weights/tensor-data.js';
import { entry, validFile, withHeader, zeros } from '../support/safetensors-bytes.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const scalar: TensorData = { dtype: 'F32', shape: [], data: new Float32Array([3]) };

describe('readSafetensors', () => {
  const at = useTemporaryFolder();

  async function read(bytes: Buffer): Promise<Record<string, TensorData>> {
    writeFileSync(at('m.safetensors'), bytes);
    return Object.fromEntries((await readSafetensors(at('m.safetensors'))).tensors);
  }

  it('accepts a scalar', async () => {
    const bytes = withHeader(`{${entry('s', '[]', 0, 4)}}`, new Uint8Array(new Float32Array([3]).buffer));
    assert.deepEqual(await read(bytes), { s: scalar });
  });

  it('accepts empty tensors, also between others', async () => {
    const header = `{${entry('a', '[1]', 0, 4)},${entry('e', '[2,0]', 4, 4)},${entry('b', '[1]', 4, 8)}}`;
    const tensors = await read(withHeader(header, zeros(8)));
    assert.deepEqual(tensors.e, { dtype: 'F32', shape: [2, 0], data: new Float32Array(0) });
    assert.deepEqual(Object.keys(tensors), ['a', 'b', 'e']);
  });

  it('accepts trailing spaces, white space and escapes in the header', async () => {
    const header = '{ "\\u0077\\n\\ud83d\\ude00" :\n{ "shape":[ 1 ],\t"data_offsets":[0,4],"dtype":"I32"} }   ';
    const tensors = await read(withHeader(header, Uint8Array.of(7, 0, 0, 0)));
    assert.deepEqual(tensors, { 'w\n😀': { dtype: 'I32', shape: [1], data: Int32Array.of(7) } });
  });

  it('accepts tensors in any order', async () => {
    const header = `{${entry('a', '[1]', 4, 8)},${entry('b', '[1]', 0, 4)}}`;
    const data = new Uint8Array(new Float32Array([1, 2]).buffer);
    const { a, b } = await read(withHeader(header, data));
    assert.deepEqual([a!.data[0], b!.data[0]], [2, 1]);
  });

  it('accepts a file of metadata only, and one of nothing', async () => {
    assert.deepEqual(await read(withHeader('{"__metadata__":{"format":"pt"}}')), {});
    assert.deepEqual(await read(withHeader('{}')), {});
  });

  it('accepts tensors that are not aligned for their dtype', async () => {
    const header =
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F64","shape":[1],"data_offsets":[1,9]}}';
    const data = Buffer.concat([Buffer.of(9), Buffer.from(Float64Array.of(Math.PI).buffer)]);
    assert.deepEqual((await read(withHeader(header, data))).b, { dtype: 'F64', shape: [1], data: Float64Array.of(Math.PI) });
  });

  it('accepts rank 8', async () => {
    const tensors = await read(withHeader(`{${entry('w', '[1,1,1,1,1,1,1,2]', 0, 8)}}`, zeros(8)));
    assert.equal(tensors.w!.shape.length, 8);
  });

  it('follows links, as a hub cache has them, and takes file URLs', async () => {
    writeFileSync(at('blob'), validFile());
    symlinkSync('blob', at('model.safetensors'));
    const { tensors } = await readSafetensors(pathToFileURL(at('model.safetensors')));
    assert.deepEqual([...tensors.keys()], ['w']);
  });

  it('reads a sharded checkpoint as one', async () => {
    await writeSafetensors(at('model-1.safetensors'), { a: scalar }, { from: 'one' });
    await writeSafetensors(at('model-2.safetensors'), { b: scalar, c: scalar }, { and: 'two' });
    const weightMap = { a: 'model-1.safetensors', b: 'model-2.safetensors', c: 'model-2.safetensors' };
    writeFileSync(at('model.safetensors.index.json'), JSON.stringify({ metadata: { total_size: 12 }, weight_map: weightMap }));
    const { tensors, metadata } = await readSafetensors(at('model.safetensors.index.json'));
    assert.deepEqual([...tensors], [['a', scalar], ['b', scalar], ['c', scalar]]);
    assert.deepEqual([...metadata], [['and', 'two'], ['from', 'one']]);
  });

  it('throws TypeError for what is not a path', () => {
    for (const path of ['', 'a\0b', 7, null]) assert.throws(() => void readSafetensors(path as string), TypeError);
  });
});

describe('SafetensorsFile', () => {
  const at = useTemporaryFolder();
  beforeEach(() => writeFileSync(at('m.safetensors'), validFile()));

  it('#names, #has, #info tell without reading data', async () => {
    using file = await SafetensorsFile.open(at('m.safetensors'));
    assert.deepEqual(file.names, ['w']);
    assert.equal(file.has('w') && !file.has('toString'), true);
    assert.deepEqual(file.info('w'), { name: 'w', dtype: 'F32', shape: [2], file: 'm.safetensors' });
    assert.throws(() => file.info('x'), { code: 'ERR_WEIGHTS_MISSING' });
  });

  it('#tensor gives copies', async () => {
    using file = await SafetensorsFile.open(at('m.safetensors'));
    (await file.tensor('w')).data[0] = 9;
    assert.deepEqual((await file.tensor('w')).data, new Float32Array([1, 2]));
    await assert.rejects(file.tensor('x'), { code: 'ERR_WEIGHTS_MISSING' });
  });

  it('#tensor still sees the file after it was replaced by another', async () => {
    using file = await SafetensorsFile.open(at('m.safetensors'));
    await writeSafetensors(at('m.safetensors'), { w: scalar });
    assert.deepEqual((await file.tensor('w')).data, new Float32Array([1, 2]));
  });

  it('#close is idempotent, lets reads in flight finish and refuses new ones', async () => {
    const file = await SafetensorsFile.open(at('m.safetensors'));
    const reads = Promise.all(Array.from({ length: 50 }, () => file.tensor('w')));
    file.close();
    file.close();
    for (const tensor of await reads) assert.deepEqual(tensor.data, new Float32Array([1, 2]));
    await assert.rejects(file.tensor('w'), { code: 'ERR_DISPOSED' });
  });
});

describe('writeSafetensors', () => {
  const at = useTemporaryFolder();

  it('gives the same bytes for the same content in any order', async () => {
    const other: TensorData = { dtype: 'I64', shape: [2], data: BigInt64Array.of(1n, -(2n ** 63n)) };
    await writeSafetensors(at('1'), { a: scalar, b: other }, { x: '1', y: '2' });
    await writeSafetensors(at('2'), new Map([['b', other], ['a', scalar]]), [['y', '2'], ['x', '1']]);
    assert.deepEqual(readFileSync(at('1')), readFileSync(at('2')));
    assert.deepEqual((await readSafetensors(at('1'))).tensors, new Map([['a', scalar], ['b', other]]));
  });

  it('writes a typed array that is a part of a larger buffer', async () => {
    const data = new Float32Array([0, 1, 2, 3]).subarray(1, 3);
    await writeSafetensors(at('1'), { a: { dtype: 'F32', shape: [2], data } });
    assert.deepEqual((await readSafetensors(at('1'))).tensors.get('a')!.data, new Float32Array([1, 2]));
  });

  it('leaves nothing but the file', async () => {
    await writeSafetensors(at('m.safetensors'), { a: scalar });
    await writeSafetensors(at('m.safetensors'), {});
    assert.deepEqual(readdirSync(at()), ['m.safetensors']);
  });

  const wrong: Record<string, unknown> = {
    'an unknown dtype': { ...scalar, dtype: 'F31' },
    'a shape that is not the data': { ...scalar, shape: [2] },
    'a negative dimension': { ...scalar, shape: [-1, -1] },
    'an array of another type': { ...scalar, data: new Float64Array(1) },
    'no tensor': null,
  };
  for (const [name, tensor] of Object.entries(wrong)) {
    it(`throws TypeError for ${name}, before anything is written`, () => {
      assert.throws(() => void writeSafetensors(at('m'), { a: tensor as TensorData }), TypeError);
      assert.deepEqual(readdirSync(at()), []);
    });
  }

  for (const [name, key] of [['no name', ''], ['__proto__', '__proto__'], ['__metadata__', '__metadata__']] as const) {
    it(`refuses a tensor called ${name}`, async () => {
      await assert.rejects(writeSafetensors(at('m'), [[key, scalar]]), { code: 'ERR_WEIGHTS_FORMAT' });
      assert.deepEqual(readdirSync(at()), []);
    });
  }

  it('refuses two tensors of one name, and rank 9', async () => {
    await assert.rejects(writeSafetensors(at('m'), [['a', scalar], ['a', scalar]]), { code: 'ERR_WEIGHTS_FORMAT' });
    const deep: TensorData = { ...scalar, shape: Array<number>(9).fill(1) };
    await assert.rejects(writeSafetensors(at('m'), { a: deep }), { code: 'ERR_WEIGHTS_FORMAT' });
  });
});

describe('toFloat32Array', () => {
  const from = (dtype: TensorData['dtype'], data: TensorData['data']): number[] => [
    ...toFloat32Array({ dtype, shape: [data.length], data }),
  ];

  it('decodes binary16: zeros, subnormals, one, the largest, infinities and NaN', () => {
    const bits = Uint16Array.of(0, 0x8000, 1, 0x03ff, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00, 0x7e00);
    const values = [0, -0, 2 ** -24, 1023 * 2 ** -24, 1, -2, 65504, Infinity, -Infinity, NaN];
    assert.deepEqual(from('F16', bits), values);
  });

  it('decodes bfloat16', () => {
    assert.deepEqual(from('BF16', Uint16Array.of(0x3f80, 0xc049, 0x7f80, 0x7fc0)), [1, -3.140625, Infinity, NaN]);
  });

  it('decodes the 8-bit floats', () => {
    assert.deepEqual(from('F8_E4M3', Uint8Array.of(0x38, 0x7e, 0x01, 0x7f, 0xff)), [1, 448, 2 ** -9, NaN, NaN]);
    assert.deepEqual(from('F8_E5M2', Uint8Array.of(0x3c, 0x7b, 0x7c, 0x7d)), [1, 57344, Infinity, NaN]);
    assert.deepEqual(from('F8_E4M3FNUZ', Uint8Array.of(0x40, 0x7f, 0x80)), [1, 240, NaN]);
    assert.deepEqual(from('F8_E5M2FNUZ', Uint8Array.of(0x40, 0x7f, 0x80)), [1, 57344, NaN]);
    assert.deepEqual(from('F8_E8M0', Uint8Array.of(127, 128, 255)), [1, 2, NaN]);
  });

  it('converts integers and booleans', () => {
    assert.deepEqual(from('I64', BigInt64Array.of(-3n, 5n)), [-3, 5]);
    assert.deepEqual(from('BOOL', Uint8Array.of(0, 1)), [0, 1]);
  });
});
