import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Output } from '../../ts/cli/output.js';
import { runCommand } from '../../ts/cli/run.js';
import { DeepcodeError } from '../../ts/errors.js';
import { LOAD_OPTIONS } from '../../ts/generate/options.js';
import { readPngMetadata } from '../../ts/generate/png-metadata.js';
import { TextToImage } from '../../ts/generate/text-to-image.js';
import type { TextToImageOptions } from '../../ts/generate/types.js';
import { readSafetensors } from '../../ts/weights/safetensors.js';
import { jsonLines, runCli } from '../support/cli.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const MODEL = join(__dirname, '..', 'parity', 'text_to_image', 'sd1');
const GIVEN = join(__dirname, '..', 'parity', 'text_to_image', 'given.safetensors');
const PHOTO = join(__dirname, '..', 'data', 'samples');

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command line in this process: starting one takes longer than what most of these tests do. */
async function run(...argv: string[]): Promise<Result> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { signal } = new AbortController();
  const code = await runCommand(argv, { output: new Output(stdout, stderr, {}), signal, exitCode: 0 });
  const text = (stream: PassThrough): string => String((stream.read() as Buffer | null) ?? '');
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

describe('deepcode generate', () => {
  const path = useTemporaryFolder();

  const command = (...args: string[]): string[] =>
    ['generate', '--model', MODEL, '--prompt', 'a house', '--steps', '2', '--device', 'cpu', '--threads', '1', ...args]; // prettier-ignore
  const generate = (...args: string[]): Promise<Result> => run(...command(...args));
  const photo = (): string => join(PHOTO, readdirSync(PHOTO).find((name) => name.endsWith('.jpg'))!);

  it('writes a PNG that says how it was made, and prints its name', async () => {
    const out = path('out.png');
    const { code, stdout, stderr } = await runCli(command('--seed', '7', '--negative-prompt', 'blurry', '-o', out));
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `${out}\n`);
    const { width, height, parameters, digitalSourceType } = readPngMetadata(readFileSync(out));
    assert.deepEqual([width, height, digitalSourceType], [32, 32, 'trainedAlgorithmicMedia']);
    assert.match(parameters!, /^a house\nNegative prompt: blurry\nSteps: 2, Sampler: PLMS, CFG scale: 7\.5, Seed: 7, Size: 32x32, Model: sd1/);

    const inspected = await run('inspect', out);
    assert.equal(inspected.code, 0, inspected.stderr);
    assert.match(inspected.stdout, /32 x 32\n {2}digital source type: trainedAlgorithmicMedia/);
    assert.match(inspected.stdout, /\n {4}a house\n {4}Negative prompt: blurry\n {4}Steps: 2/);
    const json = await run('inspect', '--json', out);
    assert.deepEqual(jsonLines(json.stdout).map(({ path: file, parameters: text }) => [file, text]), [[out, parameters]]);
  });

  it('draws several, each the same as alone, and writes their latents', async () => {
    const latents = path('latents.safetensors');
    const many = await generate('--seed', '3', '--count', '2', '--json', '-o', path('many.png'), '--output-latents', latents);
    assert.equal(many.code, 0, many.stderr);
    const lines = jsonLines(many.stdout);
    assert.deepEqual(lines.map(({ path: file, seed, width, height, flagged }) => [file, seed, width, height, flagged]), [
      [path('many-1.png'), 3, 32, 32, false],
      [path('many-2.png'), 4, 32, 32, false],
    ]);
    const alone = await generate('--seed', '4', '-o', path('{seed}.png'));
    assert.equal(alone.code, 0, alone.stderr);
    assert.ok(readFileSync(path('4.png')).equals(readFileSync(path('many-2.png'))));
    const { tensors } = await readSafetensors(latents);
    assert.deepEqual(tensors.get('latents')!.shape, [2, 4, 16, 16]);
  });

  it('starts from an image, or from latents', async () => {
    const image = await generate('--image', photo(), '--strength', '0.5', '--width', '40', '--height', '24', '--seed', '1', '-o', path('image.png'));
    assert.equal(image.code, 0, image.stderr);
    const { width, height, parameters } = readPngMetadata(readFileSync(path('image.png')));
    assert.deepEqual([width, height], [40, 24]);
    assert.match(parameters!, /Denoising strength: 0\.5/);
    const latents = await generate('--latents', GIVEN, '--count', '2', '--scheduler', 'euler', '-o', path('latents-{index}.png'));
    assert.equal(latents.code, 0, latents.stderr);
    assert.match(readPngMetadata(readFileSync(path('latents-2.png'))).parameters!, /Sampler: Euler, .*Initial latents: given/);
  });

  it('says what of a long prompt is not seen', async () => {
    const { code, stderr } = await generate('--prompt', 'one two '.repeat(60), '-o', path('long.png'));
    assert.equal(code, 0, stderr);
    assert.match(stderr, /The prompt is longer than 75 tokens; the end is not seen: /);
  });

  it('keeps a preview while it draws, and none afterwards', async () => {
    const seen: string[] = [];
    const look = async (): Promise<void> => {
      const bytes = await readFile(path('small.png')).catch(() => undefined); // not there yet, or not any more
      if (bytes === undefined) return;
      const { width, height, parameters, digitalSourceType } = readPngMetadata(bytes);
      seen.push([width, height, digitalSourceType, parameters].join(' '));
    };
    const watching = setInterval(() => void look(), 1);
    const { code, stderr } = await generate('--steps', '60', '--preview', path('small.png'), '-o', path('large.png'));
    clearInterval(watching);
    assert.equal(code, 0, stderr);
    assert.match(seen[0] ?? '', /^16 16 trainedAlgorithmicMedia a house\nPreview: step \d+ of 61$/);
    assert.ok(new Set(seen).size > 1);
    assert.deepEqual(readdirSync(path()), ['large.png']);
  });

  it('never replaces a file unless it is told to', async () => {
    writeFileSync(path('there.png'), 'mine');
    const there = path('there.png');
    for (const args of [['-o', there], ['-o', path('new.png'), '--output-latents', there], ['-o', path('new.png'), '--preview', there]]) {
      const { code, stderr } = await generate(...args);
      assert.equal(code, 2);
      assert.match(stderr, /there\.png exists already .* Pass --force/);
    }
    assert.equal(readFileSync(path('there.png'), 'utf8'), 'mine');
    assert.ok(!existsSync(path('new.png')));
    const forced = await generate('-o', path('there.png'), '--force');
    assert.equal(forced.code, 0, forced.stderr);
    assert.equal(readPngMetadata(readFileSync(path('there.png'))).width, 32);
  });

  it('hands over every option of loading', async () => {
    const given: TextToImageOptions[] = [];
    const load = TextToImage.load;
    TextToImage.load = (_, options = {}) => {
      given.push(options);
      return Promise.reject(new DeepcodeError('ERR_IO', 'enough'));
    };
    try {
      await generate('--variant', 'fp16', '--config', 'folder', '--no-safety-checker', '--no-cuda-graphs', '--dtype', 'bf16', '--lora', 'a:b.safetensors:0.5', '--lora', 'c', '-o', path('never.png'));
    } finally {
      TextToImage.load = load;
    }
    const [{ signal: _, onDownload: __, check, ...options } = {}] = given;
    assert.deepEqual([check?.prompt, check?.steps], ['a house', 2]);
    assert.deepEqual(options, {
      device: 'cpu', dtype: 'bf16', threads: 1, variant: 'fp16', config: 'folder', safetyChecker: false, cudaGraphs: false,
      loras: [{ path: 'a:b.safetensors', scale: 0.5 }, { path: 'c', scale: 1 }],
    }); // prettier-ignore
    assert.deepEqual(Object.keys(LOAD_OPTIONS).filter((name) => !(name in options)), []);
  });

  const usage: Record<string, [string[], RegExp]> = {
    'an empty prompt': [['--prompt', ' '], /not empty for --prompt/],
    'a prompt of 10,000 words': [['--prompt', 'word '.repeat(10_000)], /at most 16384 characters for the length of --prompt/],
    'a width of 0': [['--width', '0'], /from 8 to 4096 for --width/],
    'a width of 13': [['--width', '13'], /a multiple of 8 for width/],
    'guidance NaN': [['--guidance', 'NaN'], /a number from 0 to 100 for --guidance/],
    'no steps': [['--steps', '0'], /from 1 to 1000 for --steps/],
    '10,000 steps': [['--steps', '10000'], /from 1 to 1000 for --steps/],
    'an unknown sampler': [['--scheduler', 'magic'], /one of model, pndm/],
    'a strength that leaves no step': [['--image', 'x.png', '--strength', '0.1'], /at least 0\.5 for 2 steps for strength/],
    'an image and latents': [['--image', 'x.png', '--latents', 'y'], /exclude each other/],
    'a folder that is not there': [['-o', '/nonexistent/x.png'], /There is no folder \/nonexistent/],
    'latents in place of an image': [['-o', 'a.png', '--output-latents', './a.png'], /names of their own for --out, --output-latents and --preview/],
    'a preview in place of an image': [['-o', 'a.png', '--preview', 'a.png'], /names of their own/],
    'a preview that is no PNG': [['--preview', 'a.jpg'], /a name that ends in \.png for --preview but received a\.jpg/],
    'latents of fewer images than are drawn': [['--latents', GIVEN, '--count', '3'], /--latents holds latents of 2 images, but --count is 3/],
    'latents of more images than are drawn': [['--latents', GIVEN], /--latents holds latents of 2 images, but --count is 1/],
    'another format than PNG': [['-o', 'face.jpg'], /a name that ends in \.png for --out but received face\.jpg/],
    'an empty batch': [['--batch-size', '0'], /from 1 to 64 for --batch-size/],
  };
  for (const [name, [args, message]] of Object.entries(usage)) {
    it(`refuses ${name} as wrong usage`, async () => {
      const { code, stderr, stdout } = await generate('-o', path('never.png'), ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
      assert.deepEqual(readdirSync(path()), []);
    });
  }

  const failures: Record<string, [() => string[], RegExp]> = {
    'a text file as image': [() => ['--image', path('text.png')], /Cannot decode text\.png: .*\[ERR_IMAGE\]/],
    'an image that is not there': [() => ['--image', path('none.png')], /there is no such file. \[ERR_IO\]/],
    'latents of another shape': [() => ['--latents', join(MODEL, 'vae', 'diffusion_pytorch_model.safetensors')], /\[ERR_WEIGHTS_MISSING\]/],
    'a LoRA that is not there': [() => ['--lora', `${path('none.safetensors')}:0.5`], /no LoRA file .*none\.safetensors\. \[ERR_IO\]/],
    'a model that is not there': [() => ['--model', path('nowhere')], /no model folder or file .*nowhere.* \[ERR_IO\]/],
    'an empty model folder': [() => ['--model', path('empty')], /empty\/model_index\.json cannot be read: there is no such file. \[ERR_IO\]/],
  };
  for (const [name, [args, message]] of Object.entries(failures)) {
    it(`fails with ${name}, and writes nothing`, async () => {
      writeFileSync(path('text.png'), 'no image');
      mkdirSync(path('empty'));
      const { code, stderr, stdout } = await generate('-o', path('never.png'), ...args());
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
      assert.deepEqual(readdirSync(path()).sort(), ['empty', 'text.png']);
    });
  }

  it('stops when it is interrupted, and keeps what is done', async () => {
    let child: { kill(signal: NodeJS.Signals): boolean } | undefined;
    const running = runCli(
      ['generate', '--model', MODEL, '--prompt', 'a house', '--steps', '20', '--count', '1000', '--device', 'cpu', '-o', path('{index}.png'), '--preview', path('small.png'), '--output-latents', path('latents.safetensors')],
      {
        onStart: (started) => {
          child = started;
          const wait = setInterval(() => {
            if (!existsSync(path('0001.png'))) return;
            clearInterval(wait);
            child!.kill('SIGINT');
          }, 20);
          started.on('close', () => clearInterval(wait));
        },
      },
    );
    const { code } = await running;
    assert.equal(code, 130);
    assert.deepEqual(readdirSync(path()).filter((name) => !/^\d{4}\.png$/.test(name)), []);
    assert.equal(readPngMetadata(readFileSync(path('0001.png'))).width, 32);
  });
});
