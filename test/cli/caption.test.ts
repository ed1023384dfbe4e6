import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLines, runCli } from '../support/cli.js';

const at = (...parts: string[]): string => join(__dirname, '..', 'parity', 'captioner', ...parts);
const caption = (...args: string[]) => runCli(['caption', '--model', at('plain'), ...args]);

describe('deepcode caption', () => {
  it('prints captions in order, and goes on after an image that cannot be read', async () => {
    const { code, stdout } = await caption(at('a.png'), at('none.png'), at('b.png'), '--count', '2', '--json');
    assert.equal(code, 1);
    const [a, missing, b] = jsonLines(stdout) as [Record<string, unknown>, { error: { code: string } }, Record<string, unknown>];
    assert.equal(a.path, at('a.png'));
    const captions = a.captions as { text: string; score: number }[];
    assert.equal(captions.length, 2);
    assert.deepEqual([a.caption, a.score], [captions[0]!.text, captions[0]!.score]);
    assert.ok(captions[0]!.score >= captions[1]!.score);
    assert.equal(missing.error.code, 'ERR_IO');
    assert.equal(b.path, at('b.png'));
  });

  it('says the same in words, of standard input too', async () => {
    const { code, stdout } = await runCli(['caption', '--model', at('plain'), '-'], { input: readFileSync(at('a.png')) });
    assert.equal(code, 0);
    assert.match(stdout, /^-: .*\n$/);
  });

  it('takes a dtype, and refuses one that a processor is bad at', async () => {
    const { code, stdout } = await caption(at('a.png'), '--dtype', 'bf16', '--device', 'cpu', '--threads', '1');
    assert.equal(code, 0);
    assert.match(stdout, /\n$/);
    const refused = await caption(at('a.png'), '--dtype', 'fp16', '--device', 'cpu');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /\[ERR_DTYPE\]/);
  });

  it('refuses wrong usage before it loads anything', async () => {
    assert.equal((await runCli(['caption', at('a.png')])).code, 2);
    assert.equal((await caption(at('a.png'), '--beams', '2', '--count', '3')).code, 2);
    assert.equal((await caption(at('a.png'), '--max-length', '1')).code, 2);
  });
});
