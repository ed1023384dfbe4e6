/** Wrong usage: exit code 2, one sentence on stderr, nothing on stdout. */
import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { Output } from '../../ts/cli/output.js';
import { runCommand } from '../../ts/cli/run.js';
import { runCli, type CliResult } from '../support/cli.js';

/** As runCli, without the cost of a process. */
async function runHere(
  args: readonly string[],
): Promise<Pick<CliResult, 'code' | 'stdout' | 'stderr'>> {
  const [stdout, stderr] = [
    new PassThrough({ highWaterMark: 1 << 20 }),
    new PassThrough({ highWaterMark: 1 << 20 }),
  ];
  const output = new Output(stdout, stderr, {});
  const code = await runCommand(args, {
    output,
    signal: new AbortController().signal,
    exitCode: 0,
  });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('deepcode, wrongly used', () => {
  const cases: [args: string[], message: RegExp][] = [
    [[], /Usage: deepcode/],
    [['bogus'], /unknown command 'bogus'/],
    [['detect'], /missing required argument 'images'/],
    [['detect', '--bogus', 'x'], /unknown option '--bogus'/],
    [
      ['detect', 'x', '--batch-size', '0'],
      /Expected an integer from 1 to 1024 for --batch-size but received 0/,
    ],
    [['detect', 'x', '--batch-size', 'many'], /--batch-size but received "many"/],
    [['detect', 'x', '--batch-size', ''], /--batch-size but received ""/],
    [['detect', 'x', '--threads', '1.5'], /--threads but received 1.5/],
    [['detect', 'x', '--dtype', 'fp8'], /one of auto, fp32, bf16, fp16/],
    [['detect', 'x', '--device', 'tpu'], /auto, cpu, cuda or cuda:N/],
    [['detect', 'x', '--unsure', '0.9'], /--unsure takes two numbers/],
    [['detect', 'x', '--json', '--csv'], /exclude each other/],
    [['eval'], /--data must be given/],
    [['eval', '--data', 'x', '--threshold', '2'], /from 0 to 1 for --threshold but received 2/],
    [['eval', '--data', 'x', '--split', 'some'], /one of test, valid, train, all/],
  ];
  for (const [args, message] of cases) {
    it(`deepcode ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await runHere(args);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^\s+at /m);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }
});

describe('deepcode as a process', () => {
  it('exits with the code of wrong usage, and with 0 after help', async () => {
    const [wrong, help] = await Promise.all([runCli(['bogus']), runCli(['--help'])]);
    assert.deepEqual([wrong.code, wrong.stdout, help.code, help.stderr], [2, '', 0, '']);
  });

  it('says in one line that its results cannot be written, and exits with 1', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      for (const args of [['--help'], ['doctor']]) {
        const { code, stderr } = await runCli(args, { stdout: full });
        assert.match(stderr, /^deepcode: Cannot write standard output: the disk is full\..* \[ERR_IO\]\n$/);
        assert.equal(code, 1);
      }
    } finally {
      closeSync(full);
    }
  });
});

describe('deepcode, asked for help', () => {
  for (const args of [
    ['--help'],
    ['help'],
    ['detect', '--help'],
    ['help', 'eval'],
    ['--version'],
  ]) {
    it(`deepcode ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await runHere(args);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, args[0] === '--version' ? /^\d+\.\d+\.\d+\n$/ : /Usage: deepcode/);
    });
  }
});

describe('deepcode, when a command fails', () => {
  const args = ['detect', 'x.jpg', '--model', './no/such/folder'];

  it('prints one sentence with the code, and exits with 1', async () => {
    const { code, stderr } = await runCli(args);
    assert.match(stderr, /^deepcode: .*no\/such\/folder.* \[ERR_IO\]\n$/);
    assert.equal(code, 1);
  });

  it('prints the stack with DEEPCODE_DEBUG', async () => {
    const { stderr } = await runCli(args, { env: { DEEPCODE_DEBUG: '1' } });
    assert.match(stderr, /^\s+at .*detector-source/m);
  });
});
