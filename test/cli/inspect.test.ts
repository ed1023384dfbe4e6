import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { markGenerated } from '../../ts/generate/png-metadata.js';
import { jsonLines, runCli } from '../support/cli.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

describe('deepcode inspect', () => {
  const path = useTemporaryFolder();
  const picture = (): Promise<Buffer> =>
    sharp(Buffer.alloc(4 * 2 * 3), { raw: { width: 4, height: 2, channels: 3 } }).png().toBuffer();

  it('reports what fails, and goes on', async () => {
    writeFileSync(path('text.png'), 'no image');
    writeFileSync(path('marked.png'), markGenerated(await picture(), 'a\u001b[31m house'));
    writeFileSync(path('plain.png'), await picture());
    const files = ['text.png', 'none.png', 'marked.png', 'plain.png'].map((name) => path(name));
    const { code, stdout, stderr } = await runCli(['inspect', '--json', ...files]);
    assert.equal(code, 1, stderr);
    const lines = jsonLines(stdout);
    assert.deepEqual(
      lines.map(({ error }) => (error as { code: string } | undefined)?.code),
      ['ERR_IMAGE', 'ERR_IO', undefined, undefined],
    );
    assert.deepEqual(
      lines.slice(2).map(({ digitalSourceType, parameters }) => [digitalSourceType, parameters]),
      [['trainedAlgorithmicMedia', 'a\u001b[31m house'], [null, null]],
    );
    const text = await runCli(['inspect', path('marked.png'), path('plain.png')]);
    assert.equal(text.code, 0, text.stderr);
    assert.ok(!text.stdout.includes('\u001b'), 'a control character reached the terminal');
    assert.match(text.stdout, /parameters: not stated/);
  });

  it('needs an image', async () => {
    const { code, stderr } = await runCli(['inspect']);
    assert.equal(code, 2, stderr);
  });
});
