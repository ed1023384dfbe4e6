import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { InputFile } from '../../../ts/convert/input-file.js';
import { ByteReader } from '../../../ts/convert/pickle/byte-reader.js';
import { readPickle } from '../../../ts/convert/pickle/machine.js';
import { findStateDict } from '../../../ts/convert/pickle/state-dict.js';
import { PickleDict, PickleList, PickleRefusal, PickleTuple, TensorView, type PickleValue } from '../../../ts/convert/pickle/values.js';
import { call, dict, global, int, join, pickle, storage, tensor, text, tuple } from '../../hostile/convert/pickle-bytes.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

/** Plain data of JavaScript, for comparisons. */
function plain(value: PickleValue): unknown {
  if (value instanceof PickleDict) return new Map([...value.entries].map(([key, item]) => [key, plain(item)]));
  if (value instanceof PickleList) return value.items.map(plain);
  if (value instanceof PickleTuple) return { tuple: value.items.map(plain) };
  return value;
}

describe('readPickle', () => {
  const at = useTemporaryFolder();

  async function read(bytes: Buffer): Promise<PickleValue> {
    writeFileSync(at('data.pkl'), bytes);
    const file = await InputFile.open(at('data.pkl'));
    try {
      const input = new ByteReader(file, 0, file.size);
      const value = readPickle(input);
      assert.equal(input.remaining, 0);
      return value;
    } finally {
      await file.close();
    }
  }

  const viewOf = async (bytes: Buffer): Promise<TensorView> => {
    const value = await read(bytes);
    assert.ok(value instanceof TensorView);
    return value;
  };

  it('knows plain data', async () => {
    const number = Buffer.alloc(8);
    number.writeDoubleBE(-1.5);
    const items = ['N', '\x88', '\x89', 'K\xff', 'M\x01\x02', int(-7), join('G', number), text('é😀'), '\x8a\0', '\x8a\x02\xff\xff', '](K\x01K\x02e', ')', 'K\x01\x85', 'K\x01K\x02\x86', 'K\x01K\x02K\x03\x87'];
    const expected = [null, true, false, 255, 513, -7, -1.5, 'é😀', 0, -1, [1, 2], { tuple: [] }, { tuple: [1] }, { tuple: [1, 2] }, { tuple: [1, 2, 3] }];
    assert.deepEqual(plain(await read(pickle(tuple(...items)))), { tuple: expected });
    assert.equal(await read(pickle('\x8a\x09\0\0\0\0\0\0\0\0\x01')), 2n ** 64n, 'a whole number that is no safe one');
  });

  it('remembers by number, and may remember anew', async () => {
    assert.deepEqual(plain(await read(pickle('(', text('a'), 'q\0r\x01\0\0\0h\0j\x01\0\0\0K\x05q\0h\0t'))), { tuple: ['a', 'a', 'a', 5, 5] });
  });

  it('reads what Python 2 has written', async () => {
    const pairs = '](](U\x01aK\x01e](U\x01bK\x02ee';
    assert.deepEqual(plain(await read(pickle(call(global('collections', 'OrderedDict'), pairs)))), new Map([['a', 1], ['b', 2]]));
    assert.equal(await read(pickle('T\x03\0\0\0abc')), 'abc');
  });

  it('drops the attributes of a dictionary', async () => {
    const versions = dict(['_metadata', call(global('collections', 'OrderedDict'))]);
    assert.deepEqual(plain(await read(pickle(dict(['a', 'K\x01']), versions, 'b'))), new Map([['a', 1]]));
  });

  it('takes the dtype of a tensor from its storage, or from the tensor', async () => {
    const typed = await viewOf(pickle(tensor({ storage: global('torch', 'BFloat16Storage') })));
    assert.deepEqual([typed.dtype, typed.shape, typed.strides, typed.offset], ['BF16', [2], [1], 0]);
    const v3 = (type: string, dtype: string, count: number): Buffer =>
      call(global('torch._utils', '_rebuild_tensor_v3'), storage({ storage: global('torch.storage', type), count }), int(1), tuple(int(3)), tuple(int(1)), '\x89', '}', global('torch', dtype));
    const untyped = await viewOf(pickle(v3('UntypedStorage', 'uint16', 8)));
    assert.deepEqual([untyped.dtype, untyped.offset], ['U16', 1]);
    await assert.rejects(read(pickle(v3('UntypedStorage', 'uint16', 7))), PickleRefusal);
  });

  it('reads a storage that is a part of another', async () => {
    const part = join(tuple(text('storage'), global('torch', 'FloatStorage'), text('5'), text('cpu'), int(10), tuple(text('6'), int(4), int(3))), 'Q');
    const rebuild = (offset: number): Buffer => pickle(call(global('torch._utils', '_rebuild_tensor'), part, int(offset), tuple(int(2)), tuple(int(1))));
    assert.equal((await viewOf(rebuild(1))).offset, 5);
    await assert.rejects(read(rebuild(2)), PickleRefusal);
  });

  it('refuses a view that is conjugated', async () => {
    const view = (value: string): Buffer =>
      pickle(call(global('torch._utils', '_rebuild_tensor_v2'), storage({ storage: global('torch', 'ComplexFloatStorage') }), int(0), tuple(int(2)), tuple(int(1)), '\x89', '}', dict(['conj', value])));
    assert.equal((await viewOf(view('\x89'))).dtype, 'C64');
    await assert.rejects(read(view('\x88')), PickleRefusal);
  });

  it('unwraps parameters, and sizes that are called', async () => {
    const parameter = call(global('torch._utils', '_rebuild_parameter'), tensor(), '\x88', '}');
    assert.deepEqual((await viewOf(pickle(parameter))).shape, [2]);
    assert.deepEqual(plain(await read(pickle(call(global('torch', 'Size'), tuple(int(3)))))), { tuple: [3] });
  });

  it('reads across the window of 64 KiB', async () => {
    const long = 'x'.repeat(100_000);
    assert.deepEqual(plain(await read(pickle(tuple(text('a'), text(long), text('b'))))), { tuple: ['a', long, 'b'] });
  });

  it('finds tensors below whole numbers and in lists', async () => {
    const nested = pickle(dict(['layers', join('](', tensor(), '}K\x07', tensor(), 's', 'e')], ['epoch', 'K\x01']));
    const { tensors, skipped } = findStateDict(await read(nested));
    assert.deepEqual([[...tensors.keys()], skipped], [['layers.0', 'layers.1.7'], ['epoch']]);
  });
});
