/** `deepcode synthesize` as a process, up to the evaluation of what it makes. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { progressText } from '../../ts/cli/commands/synthesize.js';
import { pulledModels } from '../support/face-networks.js';
import { hostilePhotos } from '../support/hostile-photos.js';
import { jsonLines, runCli, type CliResult } from '../support/cli.js';
import { runHere } from '../support/run-here.js';
import { useRandomVgg19 } from '../support/random-vgg19.js';
import { writeRandomVit } from '../support/random-vit.js';
import { imagesOf, manifestOf, TINY_MODEL, writePhoto, writePhotos } from '../support/synthesis.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const SAMPLES = join(__dirname, '..', 'data', 'samples');

describe('deepcode synthesize', () => {
  const vgg = useRandomVgg19(5);
  const path = useTemporaryFolder();

  const command = (...args: string[]): string[] => [
    'synthesize', path('photos'), '--model', TINY_MODEL, '--out', path('out'), '--steps', '2', '--gram-size', '32',
    '--vgg', vgg(), '--device', 'cpu', '--threads', '1', ...args,
  ]; // prettier-ignore
  const tiny = (...args: string[]): string[] => command('--attributes', 'none', '--threshold', '1e9', '--seed', '1', ...args);

  it('makes a data set that eval and detect read', async () => {
    await writePhotos(path('photos'), 3);
    const { code, stdout, stderr } = await runCli(tiny('--json'));
    assert.equal(code, 0, stderr);
    assert.deepEqual(jsonLines(stdout), JSON.parse(JSON.stringify(manifestOf(path('out')))));
    assert.match(stderr, /3 images, 3 new; 3 within the threshold/);
    const vit = writeRandomVit(path('vit'), { imageSize: 64 });
    const evaluated = await runCli(['eval', '--data', path('out'), '--model', vit, '--json', '--device', 'cpu']);
    assert.equal(evaluated.code, 0, evaluated.stderr);
    const [report] = jsonLines(evaluated.stdout);
    assert.deepEqual([report!.data, report!.real, report!.fake, report!.failed], ['out', 3, 3, []]);
    const folders = ['--real', path('out', 'real'), '--generated', path('out', 'fake')];
    const examined = await runHere(['exam', '--detector', vit, ...folders, '--json', '--device', 'cpu']);
    assert.equal(examined.code, 0, examined.stderr);
    assert.equal(jsonLines(examined.stdout)[0]!.accuracy, report!.accuracy);
  });

  it('says in words what became of each photo, and goes on where it was', async () => {
    await writePhotos(path('photos'), 2);
    writeFileSync(path('photos', 'x.jpg'), 'no image');
    const { code, stdout, stderr } = await runCli(tiny());
    assert.equal(code, 1, stderr);
    assert.match(stdout, /^000\.png -> fake\/000\.png {2}[\d.e+-]+ {2}accepted, attempt 1\n001\.png -> /);
    assert.match(stderr, /x\.jpg: Cannot decode image: .* \[ERR_IMAGE\]/);
    assert.match(stderr, /2 images, 2 new; .* 1 photo failed\.\n1 contact sheet\. Next: deepcode eval --data /);
    await writePhoto(path('photos', 'x.jpg'), 9);
    const again = await runCli(tiny());
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /^x\.jpg -> fake\/x\.png [^\n]+\n$/);
    assert.match(again.stderr, /2 images are there already and are kept/);
  });

  const hostile = 'takes the good photos of a folder of hostile ones, and says of each other what is wrong';
  it(hostile, async function () {
    const models = pulledModels();
    if (models === undefined) return this.skip();
    const expected = await hostilePhotos(path('photos'));
    await copyFile(join(SAMPLES, 'real-london-1.jpg'), path('photos', 'good.jpg'));
    await copyFile(join(SAMPLES, 'real-congress-2.jpg'), path('photos', 'sub', 'good.jpg'));
    const { code, stderr } = await runCli(command('--attribute-models', models));
    assert.equal(code, 1, stderr);
    const records = manifestOf(path('out'));
    const errors = records.flatMap(({ name, error }) => (error ? [[name, error.code]] : []));
    assert.deepEqual(Object.fromEntries(errors), expected.failing);
    assert.deepEqual(Object.keys(imagesOf(path('out'))).sort(), ['good.jpg', 'sub/good.jpg', ...expected.drawn].sort());
    const { faces, subject, attempts } = imagesOf(path('out'))['ten-faces.png']!;
    assert.equal(faces, 10);
    assert.match(attempts[0]!.prompt, new RegExp(`^The ${subject.dominant_gender!.toLowerCase()} is ${subject.age} years old `));
  });

  it('shows how far it is and how long it takes', () => {
    const texts = [
      progressText({ phase: 'read', done: 0, total: 80, secondsLeft: undefined }),
      progressText({ phase: 'calibrate', done: 80, total: 80, secondsLeft: 0 }),
      progressText({ phase: 'draw', done: 12, total: 80, attempt: 2, step: 14, steps: 50, secondsLeft: 3900 }),
    ];
    assert.deepEqual(texts, [
      'reading: 0/80 photos',
      'calibrating the threshold: 80/80 photos, 0 s left',
      'drawing: 12/80 photos, attempt 2, step 14/50, 1 h 5 min left',
    ]);
  });

  const usage: Record<string, [string[], RegExp]> = {
    'no attempts': [['--attempts', '0'], /from 1 to 100 for --attempts/],
    'a threshold that is no number': [['--threshold', 'low'], /auto or a number of at least 0 for threshold/],
    'an attribute that nobody reads': [['--attributes', 'age,height'], /none, or some of age,gender,race,emotion for attributes/],
    'a template with an unknown placeholder': [['--template', 'a {face}'], /no other placeholders/],
    'an unknown layer': [['--gram-layers', 'conv9_1'], /layers from conv1_1/],
    'a width of 13': [['--width', '13'], /a multiple of 8 for width/],
    'a second folder': [['more'], /too many arguments/],
  };
  for (const [name, [args, message]] of Object.entries(usage)) {
    it(`refuses ${name} as wrong usage, and makes nothing`, async () => {
      const { code, stderr } = await runHere(tiny(...args));
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.deepEqual(readdirSync(path()), []);
    });
  }

  it('fails with a folder that is not there or empty, and makes nothing', async () => {
    const missing = await runCli(tiny());
    assert.deepEqual([missing.code, /photos cannot be read: ENOENT\. \[ERR_IO\]/.test(missing.stderr)], [1, true], missing.stderr);
    await mkdir(path('photos'));
    const empty = await runCli(tiny());
    assert.deepEqual([empty.code, /holds no \.jpg.* \[ERR_DATASET\]/.test(empty.stderr)], [1, true], empty.stderr);
    assert.ok(!existsSync(path('out')));
  });

  /** Runs until so many images are there, then sends the signal. */
  function interrupted(signal: NodeJS.Signals, images: number, args: string[]): Promise<CliResult> {
    const onStart = (child: ChildProcess): void => {
      const wait = setInterval(() => {
        const manifest = path('out', 'manifest.jsonl');
        if (!existsSync(manifest) || readFileSync(manifest, 'utf8').split('\n').length <= images) return;
        clearInterval(wait);
        child.kill(signal);
      }, 5);
      child.on('close', () => clearInterval(wait));
    };
    return runCli(args, { onStart });
  }

  it('stops on Ctrl-C, and the same command goes on', async () => {
    await writePhotos(path('photos'), 12);
    const args = tiny('--steps', '10');
    const { code, stderr } = await interrupted('SIGINT', 2, args);
    assert.equal(code, 130, stderr);
    assert.match(stderr, /Stopping.*The run can be continued: repeat the command\./s);
    const done = Object.keys(imagesOf(path('out')));
    assert.ok(done.length >= 2 && done.length < 12);
    assert.ok(!existsSync(path('out', '.lock')));
    const { stdout } = await runCli(args);
    assert.equal(stdout.trim().split('\n').length, 12 - done.length);
    assert.equal(Object.keys(imagesOf(path('out'))).length, 12);
  });

  it('goes on after kill -9 without drawing anything twice', async () => {
    await writePhotos(path('photos'), 12);
    for (const images of [1, 4, 7]) {
      const { signal } = await interrupted('SIGKILL', images, tiny('--steps', '10'));
      assert.equal(signal, 'SIGKILL');
    }
    const before = imagesOf(path('out'));
    const { code, stdout, stderr } = await runCli(tiny('--steps', '10'));
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim().split('\n').length, 12 - Object.keys(before).length);
    const after = imagesOf(path('out'));
    for (const [name, record] of Object.entries(before)) assert.deepEqual(after[name], record);
    assert.deepEqual(readdirSync(path('out')).sort(), ['config.json', 'contact-sheet-01.png', 'fake', 'manifest.jsonl', 'real']);
    assert.ok(readdirSync(path('out', 'fake')).every((name) => /^\d{3}\.png$/.test(name)));
  });
});
