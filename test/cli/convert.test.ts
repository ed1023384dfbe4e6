import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLines, runCli } from '../support/cli.js';
import { readSafetensors } from '../support/read-safetensors.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const FIXTURES = join(__dirname, '..', 'parity', 'convert');
const TRAINING = join(FIXTURES, 'training.pth');

describe('deepcode convert', () => {
  const at = useTemporaryFolder();

  it('lists the tensors, and says what it left out', async () => {
    const { code, stdout, stderr } = await runCli(['convert', TRAINING, at('out.safetensors')]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^module\.0\.weight\s+F32\s+\[4, 3, 3, 3\]$/m);
    assert.equal(stdout.trimEnd().split('\n').length, 7);
    assert.match(stderr, /left out.*epoch, .*optimizer/);
    assert.match(stderr, /7 tensors/);
    assert.equal(readSafetensors(at('out.safetensors')).size, 7);
  });

  it('--json prints one object; --dtype and --strip-prefix change dtypes and names', async () => {
    const args = ['convert', TRAINING, at('out.safetensors'), '--json', '--dtype', 'fp16', '--strip-prefix', 'module.'];
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, 0, stderr);
    const [result, ...more] = jsonLines(stdout);
    assert.deepEqual(more, []);
    assert.equal(result!.format, 'pytorch');
    assert.deepEqual(result!.metadata, { format: 'pt' });
    const tensors = result!.tensors as { name: string; dtype: string; shape: number[] }[];
    assert.deepEqual(tensors.find(({ name }) => name === '0.weight'), { name: '0.weight', dtype: 'F16', shape: [4, 3, 3, 3] });
    // A counter of batches is no float, and stays what it is.
    assert.deepEqual(tensors.find(({ name }) => name === '1.num_batches_tracked'), { name: '1.num_batches_tracked', dtype: 'I64', shape: [] });
    assert.deepEqual([...readSafetensors(at('out.safetensors')).keys()], tensors.map(({ name }) => name));
  });

  it('--layout pytorch transposes the kernels of Keras', async () => {
    const args = ['convert', join(FIXTURES, 'keras.h5'), at('out.safetensors'), '--json', '--layout', 'pytorch'];
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, 0, stderr);
    const tensors = jsonLines(stdout)[0]!.tensors as { name: string; shape: number[] }[];
    assert.deepEqual(tensors.find(({ name }) => name === 'conv2d.kernel')?.shape, [8, 4, 3, 3]);
  });

  it('never replaces a file without --force', async () => {
    writeFileSync(at('out.safetensors'), 'precious');
    const refused = await runCli(['convert', TRAINING, at('out.safetensors')]);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /--force/);
    assert.equal(readFileSync(at('out.safetensors'), 'utf8'), 'precious');
    const replaced = await runCli(['convert', TRAINING, at('out.safetensors'), '--force']);
    assert.equal(replaced.code, 0, replaced.stderr);
    assert.equal(readSafetensors(at('out.safetensors')).size, 7);
  });

  it('leaves what was there, and nothing else, when it fails', async () => {
    writeFileSync(at('out.safetensors'), 'precious');
    const bytes = readFileSync(TRAINING);
    // The first storage's local header: its name, then as many bytes as the two before the name say, then the data.
    const name = bytes.indexOf('training/data/0');
    bytes[name + 'training/data/0'.length + bytes.readUInt16LE(name - 2)]! ^= 0xff;
    writeFileSync(at('damaged.pth'), bytes);
    const { code, stdout, stderr } = await runCli(['convert', at('damaged.pth'), at('out.safetensors'), '--force']);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /\[ERR_WEIGHTS_FORMAT\]/);
    assert.equal(stdout, '');
    assert.equal(readFileSync(at('out.safetensors'), 'utf8'), 'precious');
    assert.deepEqual(readdirSync(at()).sort(), ['damaged.pth', 'out.safetensors']);
  });

  it('refuses wrong usage with exit code 2', async () => {
    copyFileSync(TRAINING, at('same.safetensors'));
    const wrong = [
      ['convert', TRAINING],
      ['convert', TRAINING, at('a.safetensors'), at('b.safetensors')],
      ['convert', TRAINING, at('out.pth')],
      ['convert', TRAINING, at('none', 'out.safetensors')],
      ['convert', TRAINING, at('out.safetensors'), '--dtype', 'int8'],
      ['convert', at('same.safetensors'), at('same.safetensors'), '--force'],
    ];
    for (const args of wrong) {
      const { code, stderr } = await runCli(args);
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    }
    assert.deepEqual(readdirSync(at()), ['same.safetensors']);
  });
});
