import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLines, runCli } from '../support/cli.js';
import { useRandomVgg19 } from '../support/random-vgg19.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const image = (name: string): string => join(__dirname, '..', 'parity', 'gram', `${name}.png`);

describe('deepcode gram', () => {
  const weights = useRandomVgg19(5);
  const inFolder = useTemporaryFolder();
  const gram = (...args: string[]) => runCli(['gram', '--weights', weights(), '--size', '64', ...args]);

  it('prints the distance to each reference, and goes on after one that cannot be read', async () => {
    const missing = inFolder('none.png');
    const { code, stdout } = await gram(image('a'), image('b'), missing, image('a'), '--json', '--layers', 'conv1_1,conv2_1:0.5');
    assert.equal(code, 1);
    const [b, failed, same] = jsonLines(stdout) as [Record<string, number>, { error: { code: string } }, { distance: number }];
    assert.equal(b.path, image('b'));
    assert.ok(b.distance! > 0);
    assert.deepEqual(
      (b.layers as unknown as { name: string; weight: number }[]).map(({ name, weight }) => [name, weight]),
      [
        ['conv1_1', 1],
        ['conv2_1', 0.5],
      ],
    );
    assert.equal(failed.error.code, 'ERR_IO');
    assert.equal(same.distance, 0);
  });

  it('says in words what it found', async () => {
    const { code, stdout } = await gram(image('a'), image('b'));
    assert.equal(code, 0);
    assert.match(stdout, /^[\d.e-]+ {2}.*b\.png {2}\(conv1_1 [\d.e-]+, conv2_1 .*, conv5_1 [\d.e-]+\)\n$/);
  });

  it('fails as a whole when the image itself cannot be read', async () => {
    const { code, stdout, stderr } = await gram(inFolder('none.png'), image('b'));
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /ERR_IO/);
  });

  it('proposes a threshold from a folder and draws the histogram, once', async () => {
    for (const name of ['a', 'b', 'c']) copyFileSync(image(name), inFolder(`${name}.png`));
    writeFileSync(inFolder('d.png'), 'no image');
    const plot = inFolder('plot.svg');
    const { code, stdout, stderr } = await gram('--calibrate', inFolder('.'), '--plot', plot, '--json');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /d\.png.*ERR_IMAGE/);
    const [result] = jsonLines(stdout) as [Record<string, number>];
    assert.deepEqual([result.images, result.failed, result.pairs], [3, 1, 3]);
    assert.equal(result.threshold, result.p50);
    assert.ok(result.p5! < result.p95!);
    assert.match(readFileSync(plot, 'utf8'), /<svg/);
    const again = await gram('--calibrate', inFolder('.'), '--plot', plot);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /--force/);
  });

  it('wants weights, and two images or a folder', async () => {
    for (const args of [[], [image('a')], ['--calibrate', inFolder('.'), image('a')], [image('a'), image('b'), '--layers', 'conv9_1']]) {
      assert.equal((await gram(...args)).code, 2, args.join(' '));
    }
    const { code, stderr } = await runCli(['gram', image('a'), image('b')]);
    assert.equal(code, 2);
    assert.match(stderr, /--weights must be given/);
    assert.ok(!existsSync(inFolder('gram-distances.svg')));
  });
});
