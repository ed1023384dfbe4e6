/** `deepcode detect` as a process, with a small random network: what it prints, where, and how it ends. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLines, runCli } from '../support/cli.js';
import { writeRandomVit } from '../support/random-vit.js';

const SAMPLES = join(__dirname, '..', 'data', 'samples');
const ONE = join(SAMPLES, 'real-london-1.jpg');

describe('deepcode detect', () => {
  let folder: string;
  let model: string[];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
    model = ['--model', writeRandomVit(join(folder, 'vit'), { imageSize: 64 }), '--device', 'cpu'];
    mkdirSync(join(folder, 'mixed'));
    copyFileSync(ONE, join(folder, 'mixed', 'a.jpg'));
    writeFileSync(join(folder, 'mixed', 'b.jpg'), 'not an image');
    copyFileSync(ONE, join(folder, 'mixed', 'c.jpg'));
    mkdirSync(join(folder, 'many'));
    for (let i = 0; i < 3000; i++)
      symlinkSync(ONE, join(folder, 'many', `${String(i).padStart(4, '0')}.jpg`));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('prints one JSON object an image', async () => {
    const { code, stdout } = await runCli(['detect', SAMPLES, '--json', ...model]);
    const lines = jsonLines(stdout);
    assert.equal(lines.length, 11);
    for (const line of lines) {
      assert.deepEqual(Object.keys(line), ['path', 'label', 'score', 'logits']);
      const [real, fake] = line.logits as [number, number];
      assert.ok(Math.abs((line.score as number) - 1 / (1 + Math.exp(real - fake))) < 1e-12);
    }
    assert.equal(code, 0);
  });

  it('reports a bad image among many in its place, goes on, and exits with 1', async () => {
    const { code, stdout, stderr } = await runCli([
      'detect',
      join(folder, 'mixed'),
      'missing.jpg',
      '--json',
      ...model,
    ]);
    const lines = jsonLines(stdout);
    assert.deepEqual(
      lines.map(({ error }) => (error as { code: string } | undefined)?.code),
      [undefined, 'ERR_IMAGE', undefined, 'ERR_IO'],
    );
    assert.match(stderr, /4 images: .*2 failed/);
    assert.equal(lines[0]!.score, lines[2]!.score);
    assert.equal(code, 1);
  });

  it('prints CSV with a header', async () => {
    const { stdout } = await runCli(['detect', join(folder, 'mixed'), '--csv', ...model]);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines[0], 'path,label,score,logit_real,logit_fake,error_code,error_message');
    assert.match(lines[1]!, /a\.jpg,(real|fake),0\.\d+,-?[\d.e-]+,-?[\d.e-]+,,$/);
    assert.match(lines[2]!, /b\.jpg,,,,,ERR_IMAGE,/);
    assert.equal(lines.length, 4);
  });

  it('prints lines for people, with failures on stderr', async () => {
    const { stdout, stderr } = await runCli(['detect', join(folder, 'mixed'), ...model]);
    assert.match(
      stdout,
      /^(real|fake)\s+0\.\d{3}\s+.*a\.jpg\n(real|fake)\s+0\.\d{3}\s+.*c\.jpg\n$/,
    );
    assert.match(stderr, /b\.jpg: Cannot decode b\.jpg: .*\[ERR_IMAGE\]/);
  });

  it('reads an image from standard input', async () => {
    const [file, stdin] = await Promise.all([
      runCli(['detect', ONE, '--json', ...model]),
      runCli(['detect', '-', '--json', ...model], { input: readFileSync(ONE) }),
    ]);
    const { path, ...scores } = jsonLines(stdin.stdout)[0]!;
    assert.equal(path, '-');
    assert.deepEqual(
      scores,
      (({ path: _, ...rest }) => rest)(jsonLines(file.stdout)[0]! as { path: string }),
    );
    const empty = await runCli(['detect', '-', '--json', ...model]);
    assert.equal((jsonLines(empty.stdout)[0]!.error as { code: string }).code, 'ERR_IMAGE');
    assert.equal(empty.code, 1);
  });

  it('expands patterns that the shell did not', async () => {
    const { stdout } = await runCli(['detect', join(folder, '**', '[ac].jpg'), '--json', ...model]);
    assert.deepEqual(
      jsonLines(stdout).map(({ path }) => path),
      [join(folder, 'mixed', 'a.jpg'), join(folder, 'mixed', 'c.jpg')],
    );
  });

  it('moves the unsure band', async () => {
    const labels = async (band: string): Promise<unknown[]> =>
      jsonLines((await runCli(['detect', ONE, '--json', '--unsure', band, ...model])).stdout).map(
        ({ label }) => label,
      );
    assert.deepEqual(await labels('0:1'), ['unsure']);
    assert.deepEqual(await labels('1:1'), ['real']);
    assert.deepEqual(await labels('0:0'), ['fake']);
  });

  it('writes heat maps and never replaces one unasked', async () => {
    const maps = join(folder, 'maps');
    const command = ['detect', join(folder, 'mixed'), '--json', '--heatmap', maps, ...model];
    const first = await runCli(command);
    const [line] = jsonLines(first.stdout);
    assert.equal(line!.heatmap, join(maps, 'a.heatmap.png'));
    assert.deepEqual(
      [...readFileSync(join(maps, 'a.heatmap.png')).subarray(1, 4)],
      [...Buffer.from('PNG')],
    );
    assert.equal(existsSync(join(maps, 'b.heatmap.png')), false);
    const second = await runCli(command);
    assert.deepEqual([second.code, second.stdout], [2, '']);
    assert.equal((await runCli([...command, '--force'])).code, 1);
  });

  it('gives the same bytes in every run', async () => {
    const run = (): Promise<{ stdout: string }> =>
      runCli(['detect', SAMPLES, '--json', '--batch-size', '4', ...model]);
    assert.equal((await run()).stdout, (await run()).stdout);
  });

  it('stops at SIGINT with 130, after whole lines', async () => {
    const { code, signal, stdout, stderr } = await runCli(
      ['detect', join(folder, 'many'), '--json', ...model],
      {
        onStart: (child) => child.stdout!.once('data', () => child.kill('SIGINT')),
      },
    );
    assert.deepEqual([code, signal], [130, null]);
    assert.match(stderr, /Stopping/);
    assert.ok(stdout.endsWith('\n'));
    const lines = jsonLines(stdout);
    assert.ok(lines.length > 0 && lines.length < 3000);
  });

  it('stops at SIGTERM with 143', async () => {
    const { code, signal } = await runCli(['detect', join(folder, 'many'), '--json', ...model], {
      onStart: (child) => child.stdout!.once('data', () => child.kill('SIGTERM')),
    });
    assert.deepEqual([code, signal], [143, null]);
  });

  it('stops at SIGINT also while it waits for standard input', async () => {
    const { code, signal } = await runCli(['detect', '-', '--json', ...model], {
      input: null,
      // A megabyte is more than a pipe holds: once it is gone, the process reads and waits for more.
      onStart: (child) => child.stdin!.write(Buffer.alloc(1 << 20), () => child.kill('SIGINT')),
    });
    assert.deepEqual([code, signal], [130, null]);
  });

  it('ends quietly with 0 when the reader of its results goes away', async () => {
    const { code, signal, stderr } = await runCli(
      ['detect', join(folder, 'many'), '--json', ...model],
      {
        onStart: (child) => child.stdout!.once('data', () => child.stdout!.destroy()),
      },
    );
    assert.deepEqual([code, signal], [0, null]);
    assert.doesNotMatch(stderr, /EPIPE|Error|Interrupted/);
  });
});
