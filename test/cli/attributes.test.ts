/** `deepcode attributes` and `deepcode detect --faces` as processes, with the real networks where they were pulled. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { jsonLines, runCli } from '../support/cli.js';
import { crowd } from '../support/crowd.js';
import { montage, SAMPLES } from '../support/face-pictures.js';
import { deepFaceWeights, pulledModels } from '../support/face-networks.js';
import { writeRandomVit } from '../support/random-vit.js';

describe('deepcode attributes', () => {
  const models = pulledModels();
  let folder: string;
  let group: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
    mkdirSync(join(folder, 'in'));
    copyFileSync(join(SAMPLES, 'real-london-1.jpg'), join(folder, 'in', 'a.jpg'));
    writeFileSync(join(folder, 'in', 'b.jpg'), 'not an image');
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#888' } }).png().toFile(join(folder, 'in', 'c.png'));
    group = join(folder, 'in', 'd.png');
    const { width, height, data } = await montage(300);
    await sharp(data, { raw: { width, height, channels: 3 } }).png().toFile(group);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('prints one JSON object an image, reports images without a face, and draws pictures', async function () {
    if (models === undefined) return this.skip();
    const pictures = join(folder, 'out');
    const args = ['attributes', join(folder, 'in'), '--json', '--annotate', pictures, '--device', 'cpu', '--models', models];
    const { code, stdout } = await runCli(args);
    const lines = jsonLines(stdout);
    assert.deepEqual(lines.map(({ faces, error }) => (error ? (error as { code: string }).code : (faces as unknown[]).length)), [
      1, 'ERR_IMAGE', 'ERR_IMAGE', 6,
    ]); // prettier-ignore
    assert.equal(code, 1);
    assert.equal(lines[3]!.picture, join(pictures, 'd.faces.png'));
    const original = await sharp(group).raw().toBuffer();
    const drawn = await sharp(join(pictures, 'd.faces.png')).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([drawn.info.width, drawn.info.height], [900, 600]);
    assert.ok(drawn.data.some((value, i) => Math.abs(value - original[i]!) > 50), 'nothing was drawn');
    const again = await runCli(args);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /--force/);
  });

  it('prints a line a face for people, also of standard input', async function () {
    if (models === undefined) return this.skip();
    const input = readFileSync(group);
    const { code, stdout, stderr } = await runCli(['attributes', '-', '--device', 'cpu', '--models', models], { input });
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim().split('\n').length, 6);
    for (const line of stdout.trim().split('\n')) assert.match(line, /(Man|Woman) \d+%, age \d+, [a-z ]+ \d+%, [a-z]+ \d+%  at \d+,\d+ \d+x\d+  - \(\d\/6\)/);
  });

  it('fails with one sentence where the networks are missing', async () => {
    const { code, stdout, stderr } = await runCli(['attributes', group, '--models', folder, '--device', 'cpu']);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /blazeface\.safetensors.*\[ERR_IO\]/);
  });

  it("reads faces by DeepFace's networks, those that are there", async function () {
    if (models === undefined) return this.skip();
    const deepface = join(folder, 'deepface');
    mkdirSync(deepface);
    await deepFaceWeights(deepface, ['gender', 'race']);
    const args = ['attributes', join(folder, 'in', 'a.jpg'), '--models', models, '--deepface', deepface, '--device', 'cpu'];
    const { code, stdout, stderr } = await runCli([...args, '--json']);
    assert.equal(code, 0, stderr);
    const [{ faces }] = jsonLines(stdout) as [{ faces: Record<string, object>[] }];
    assert.deepEqual(Object.keys(faces[0]!.gender!), ['Woman', 'Man']);
    assert.deepEqual(Object.keys(faces[0]!.race!), ['asian', 'indian', 'black', 'white', 'middle eastern', 'latino hispanic']);
    assert.ok(!('age' in faces[0]!) && !('emotion' in faces[0]!));
    assert.match((await runCli(args)).stdout, /^(Man|Woman) \d+%, [a-z ]+ \d+%  at /);
  });

  it('says what to try for a face of 20 pixels, and finds it then; refuses a file that was cut off', async function () {
    if (models === undefined) return this.skip();
    const [small, cut] = [join(folder, 'small.png'), join(folder, 'cut.jpg')];
    const { image, middles } = await crowd(1, 36, 1600, 1200);
    const { width, height, data } = image;
    await sharp(data, { raw: { width, height, channels: 3 } }).png().toFile(small);
    const whole = readFileSync(join(SAMPLES, 'real-london-1.jpg'));
    writeFileSync(cut, whole.subarray(0, whole.length / 2));
    const vit = ['--model', writeRandomVit(join(folder, 'vit-small'), { imageSize: 64 })];
    for (const command of [['attributes', '--models', models], ['detect', '--faces', 'all', ...vit]]) {
      const run = async (...args: string[]) => jsonLines((await runCli([...command, '--json', '--device', 'cpu', ...args])).stdout);
      const [missed, refused] = (await run(small, cut)) as { error: { code: string; message: string } }[];
      assert.equal(missed!.error.code, 'ERR_IMAGE');
      assert.match(missed!.error.message, /--min-face/);
      assert.equal(refused!.error.code, 'ERR_IMAGE');
      const [found] = await run(small, '--min-face', '20');
      const box = (found!.face ?? (found!.faces as { region: object }[])[0]!.region) as { x: number; y: number };
      const [[x, y]] = middles as [[number, number]];
      assert.ok(Math.abs(box.x + 12 - x) < 20 && Math.abs(box.y + 12 - y) < 20, JSON.stringify(found));
    }
    assert.equal((await runCli(['detect', small, ...vit, '--min-face', '20'])).code, 2);
  });

  it('lets deepcode detect score faces', async function () {
    if (models === undefined) return this.skip();
    const vit = ['--model', writeRandomVit(join(folder, 'vit'), { imageSize: 64 }), '--device', 'cpu'];
    const all = jsonLines((await runCli(['detect', join(folder, 'in'), '--faces', 'all', '--json', ...vit])).stdout);
    assert.deepEqual(all.map(({ path, error }) => [(path as string).slice(-5, -4), error !== undefined]), [
      ['a', false], ['b', true], ['c', true], ...Array.from({ length: 6 }, () => ['d', false]),
    ]); // prettier-ignore
    const { stdout } = await runCli(['detect', group, '--faces', 'largest', '--csv', ...vit]);
    const [header, row, ...more] = stdout.trim().split('\n').map((line) => line.split(','));
    assert.equal(more.length, 0);
    assert.deepEqual(header!.slice(-4), ['face_x', 'face_y', 'face_width', 'face_height']);
    assert.equal(row!.length, header!.length);
    const areas = all.slice(3).map(({ face }) => (face as { width: number }).width * (face as { height: number }).height);
    assert.equal(Number(row!.at(-1)) * Number(row!.at(-2)), Math.max(...areas));
    const { code, stderr } = await runCli(['detect', group, '--faces', 'all', '--heatmap', folder, ...vit]);
    assert.equal(code, 2);
    assert.match(stderr, /--faces largest/);
  });
});
