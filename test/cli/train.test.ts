import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonLines, runCli, type CliOptions, type CliResult } from '../support/cli.js';
import { TrainingPlace } from '../support/training.js';

const SMALL = [
  '--epochs',
  '2',
  '--batch-size',
  '4',
  '--train-samples',
  '16',
  '--val-samples',
  '8',
  '--device',
  'cpu',
  '--threads',
  '1',
];

describe('deepcode train', () => {
  let place: TrainingPlace;
  before(async () => void (place = await TrainingPlace.create()));
  after(() => place.remove());

  function train(
    name: string,
    args: readonly string[] = [],
    options?: CliOptions,
  ): Promise<CliResult> {
    return runCli(
      [
        'train',
        '--data',
        place.data,
        '--model',
        place.model,
        '--out',
        place.run(name),
        ...SMALL,
        ...args,
      ],
      options,
    );
  }

  it('prints the result on stdout and how it went on stderr', async () => {
    const { code, stdout, stderr } = await train('plain');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Best epoch \d: validation loss \d/);
    assert.match(stdout, /deepcode detect --model .*plain photo\.jpg\n$/);
    assert.match(stderr, /Epoch 2\/2: loss/);
    assert.match(stderr, /4,162 of them trained \(lora\)/);
  });

  it('prints one JSON object with --json', async () => {
    const { code, stdout, stderr } = await train('json', ['--json', '--loss', 'scl']);
    assert.equal(code, 0, stderr);
    const [report, ...others] = jsonLines(stdout);
    assert.deepEqual(others, []);
    assert.deepEqual([report!['steps'], report!['epochs']], [8, 2]);
  });

  it('stops on Ctrl-C with exit code 130 and goes on with --resume', async () => {
    await train('whole', ['--epochs', '25']);
    const { code, stderr } = await train('stopped', ['--epochs', '25'], {
      onStart: (child) => {
        child.stderr!.on('data', (text: string) => {
          if (text.includes('Epoch 2/25')) child.kill('SIGINT');
        });
      },
    });
    assert.equal(code, 130, stderr);
    assert.match(stderr, /add --resume/);
    assert.ok(!existsSync(join(place.run('stopped'), 'adapter')));
    const resumed = await runCli([
      'train',
      '--resume',
      '--out',
      place.run('stopped'),
      '--device',
      'cpu',
      '--threads',
      '1',
    ]);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stderr, /Continuing after step \d+ of 100/);
    assert.deepEqual(await place.metrics('stopped'), await place.metrics('whole'));
  });

  const wrong: [string, string[], RegExp][] = [
    ['no data', ['train', '--model', 'x'], /--data/],
    ['an unknown loss', ['train', '--loss', 'mse'], /one of ce, scl/],
    ['a number out of range', ['train', '--epochs', '0'], /--epochs/],
    ['merge without an adapter', ['merge', '--out', 'x'], /--adapter must be given/],
    ['a comparison without a model', ['compare', '--data', 'x'], /--model/],
  ];
  for (const [name, args, message] of wrong) {
    it(`exits with 2 for ${name}`, async () => {
      const { code, stderr, stdout } = await runCli(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, message);
    });
  }

  it('exits with 1 and one line for data that is not there', async () => {
    const { code, stderr } = await runCli([
      'train',
      '--data',
      join(place.root, 'none'),
      '--model',
      place.model,
      '--out',
      place.run('none'),
    ]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /Cannot read data set none: there is no such file or folder\. \[ERR_IO\]\n$/,
    );
  });

  it('merges what it trained', async () => {
    const out = join(place.root, 'merged');
    const { code, stdout, stderr } = await runCli([
      'merge',
      '--adapter',
      place.run('plain'),
      '--out',
      out,
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /2 layers merged, head replaced/);
    assert.ok(existsSync(join(out, 'model.safetensors')) && existsSync(join(out, 'detector.json')));
  });

  it('compares both losses in one command', async () => {
    const out = join(place.root, 'compare');
    const { code, stdout, stderr } = await runCli([
      'compare',
      '--data',
      place.data,
      '--model',
      place.model,
      '--out',
      out,
      ...SMALL,
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /naive \(ce\)/);
    assert.match(stdout, /SCL/);
    assert.match(await readFile(join(out, 'table.md'), 'utf8'), /^\| data /);
  });
});
