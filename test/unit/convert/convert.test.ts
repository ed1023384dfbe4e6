import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertCheckpoint } from '../../../ts/convert/index.js';
import { streamSafetensors } from '../../../ts/convert/safetensors-stream.js';
import { bytesOf, countOf, type SourceTensor } from '../../../ts/convert/source-tensor.js';
import { DeepcodeError } from '../../../ts/errors.js';
import { readSafetensors, writeSafetensors } from '../../../ts/weights/safetensors.js';
import { dict, pickle, stateDict, tensor, torchZip } from '../../hostile/convert/pickle-bytes.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const EVERY_DTYPE = join(__dirname, '..', '..', 'parity', 'safetensors', 'every-dtype.safetensors');

describe('convertCheckpoint', () => {
  const at = useTemporaryFolder();
  const input = (bytes: Buffer): string => {
    writeFileSync(at('model.pth'), bytes);
    return at('model.pth');
  };

  it('throws at once for wrong arguments', () => {
    const calls: (() => unknown)[] = [
      () => convertCheckpoint('', at('a.safetensors')),
      () => convertCheckpoint(7 as unknown as string, at('a.safetensors')),
      () => convertCheckpoint('a.pth', at('a.pth')),
      () => convertCheckpoint('a.pth', at('a.safetensors'), { layout: 'caffe' as 'keras' }),
      () => convertCheckpoint('a.pth', at('a.safetensors'), { dtype: 'int8' as 'fp16' }),
    ];
    for (const call of calls) assert.throws(call, TypeError);
  });

  it('keeps what exists, also when it appears while writing', async () => {
    const path = input(torchZip(stateDict()));
    writeFileSync(at('out.safetensors'), 'precious');
    await assert.rejects(convertCheckpoint(path, at('out.safetensors')), { code: 'ERR_IO', message: /exists already/ });
    const onTensor = (): void => writeFileSync(at('late.safetensors'), 'precious');
    await assert.rejects(convertCheckpoint(path, at('late.safetensors'), {}, { onTensor }), { code: 'ERR_IO', message: /exists already/ });
    for (const name of ['out', 'late']) assert.equal(readFileSync(at(`${name}.safetensors`), 'utf8'), 'precious');
    assert.deepEqual(readdirSync(at()).sort(), ['late.safetensors', 'model.pth', 'out.safetensors']);
  });

  it('stops when it is aborted, and leaves nothing', async () => {
    const controller = new AbortController();
    const path = input(torchZip(stateDict()));
    const stopped = convertCheckpoint(path, at('out.safetensors'), { signal: controller.signal }, { onTensor: () => controller.abort() });
    await assert.rejects(stopped, { code: 'ABORT_ERR' });
    assert.deepEqual(readdirSync(at()), ['model.pth']);
  });

  it('names a folder that is not there', async () => {
    const path = input(torchZip(stateDict()));
    await assert.rejects(convertCheckpoint(path, at('none', 'out.safetensors')), { code: 'ERR_IO', message: /out\.safetensors: a folder/ });
  });

  it('keeps tensors that stand beside a dictionary called model', async () => {
    const path = input(torchZip(pickle(dict(['model', dict(['a', tensor()])], ['head', tensor()]))));
    const { tensors } = await convertCheckpoint(path, at('out.safetensors'));
    assert.deepEqual(tensors.map(({ name }) => name), ['head', 'model.a']);
  });

  it('takes wrappers off one inside the other', async () => {
    const path = input(torchZip(pickle(dict(['model', dict(['state_dict', dict(['a', tensor()])], ['epoch', '\x88'])], ['optimizer', '}']))));
    const { tensors, skipped } = await convertCheckpoint(path, at('out.safetensors'));
    assert.deepEqual([tensors.map(({ name }) => name), skipped], [['a'], ['optimizer', 'epoch']]);
  });

  it('calls a tensor that is all of a file "tensor"', async () => {
    const { tensors } = await convertCheckpoint(input(torchZip(pickle(tensor()))), at('out.safetensors'));
    assert.deepEqual(tensors, [{ name: 'tensor', dtype: 'F32', shape: [2] }]);
  });

  it('refuses a prefix that no name has, and one that makes names equal', async () => {
    const path = input(torchZip(pickle(dict(['a', tensor()], ['m.a', tensor()]))));
    await assert.rejects(convertCheckpoint(path, at('out.safetensors'), { stripPrefix: 'x.' }), { code: 'ERR_WEIGHTS_MISSING' });
    await assert.rejects(convertCheckpoint(path, at('out.safetensors'), { stripPrefix: 'm.' }), { code: 'ERR_WEIGHTS_FORMAT', message: /one name/ });
    assert.deepEqual(readdirSync(at()), ['model.pth']);
  });

  it('refuses a dtype that cannot hold a value, and names the tensor', async () => {
    const huge = Buffer.from(new Float32Array([1, 70_000]).buffer);
    const path = input(torchZip(stateDict(), (members) => members.map((member) => (member.name === 'm/data/0' ? { ...member, data: huge } : member))));
    const converted = convertCheckpoint(path, at('out.safetensors'), { dtype: 'fp16' });
    await assert.rejects(converted, { code: 'ERR_NONFINITE', message: /"w" holds 70000, which F16/ });
    assert.deepEqual(readdirSync(at()), ['model.pth']);
    assert.equal((await convertCheckpoint(path, at('out.safetensors'), { dtype: 'bf16' })).tensors[0]!.dtype, 'BF16');
  });
});

describe('streamSafetensors', () => {
  const at = useTemporaryFolder();
  const one = (bytes: Uint8Array): SourceTensor => ({ name: 'w', dtype: 'F32', shape: [2], async *bytes() { yield bytes; } }); // prettier-ignore

  it('writes the bytes of writeSafetensors, of every dtype and name', async () => {
    const { tensors, metadata } = await readSafetensors(EVERY_DTYPE);
    const sources = [...tensors].reverse().map(([name, { dtype, shape, data }]): SourceTensor => ({
      name, dtype, shape, async *bytes() { yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength); },
    })); // prettier-ignore
    for (const { dtype, shape, name } of sources) assert.equal(tensors.get(name)!.data.byteLength, bytesOf(dtype) * countOf(shape));
    const pairs = { ...Object.fromEntries(metadata), b: '"', a: 'line\n' };
    await streamSafetensors(at('a.safetensors'), sources, pairs, { replace: false });
    await writeSafetensors(at('b.safetensors'), tensors, pairs);
    assert.deepEqual(readFileSync(at('a.safetensors')), readFileSync(at('b.safetensors')));
  });

  it('refuses a tensor that gives too many or too few bytes, and leaves the old file', async () => {
    writeFileSync(at('w.safetensors'), 'precious');
    for (const length of [0, 4, 12]) {
      const failed = streamSafetensors(at('w.safetensors'), [one(new Uint8Array(length))], {}, { replace: true });
      await assert.rejects(failed, (error: unknown) => error instanceof DeepcodeError && error.code === 'ERR_INTERNAL');
    }
    assert.equal(readFileSync(at('w.safetensors'), 'utf8'), 'precious');
    assert.deepEqual(readdirSync(at()), ['w.safetensors']);
  });

  it('refuses a name twice', async () => {
    const twice = [one(new Uint8Array(8)), one(new Uint8Array(8))];
    await assert.rejects(streamSafetensors(at('w.safetensors'), twice, {}, { replace: false }), { code: 'ERR_WEIGHTS_FORMAT' });
  });
});
