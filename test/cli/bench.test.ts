import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { runtimeInfo } from '../../ts/runtime.js';
import { jsonLines, runCli } from '../support/cli.js';
import { pulledModels } from '../support/face-networks.js';

const QUICK = ['bench', 'detect', '--model-size', 'tiny', '--batch-size', '1', '--repeats', '3', '--threads', '1'];

const childrenOf = (pid: number): string[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');

describe('deepcode bench', () => {
  it('measures what there is, and says who could not take part', async () => {
    const args = [...QUICK, '--workload', 'inference', '--dtype', 'fp32', '--json', '--python', '/no/such/python'];
    const { code, stdout, stderr } = await runCli(args);
    strictEqual(code, 0, stderr);
    const lines = jsonLines(stdout) as { ours: Record<string, unknown>; others: unknown[]; missing: string[] }[];
    strictEqual(lines.length, 1);
    const { ours, others, missing } = lines[0]!;
    match(String(ours['name']), /^deepcode \d/);
    ok((ours['imagesPerSecond'] as number) > 0);
    deepStrictEqual(others, []);
    ok(missing.some((reason) => reason.startsWith('timm cannot be started')), missing.join('\n'));
  });

  it('measures a training step, as a table', async () => {
    const { code, stdout, stderr } = await runCli([...QUICK, '--workload', 'training', '--dtype', 'fp32'], {
      env: { DEEPCODE_BENCH_PYTHON: '' },
    });
    strictEqual(code, 0, stderr);
    match(stdout, /LoRA training step \(r = 16 on qkv, Adam\), fp32, batch of 1, cpu, 1 threads, 3 rounds/);
    match(stdout, /^deepcode \d.* libtorch 2\.\d/m);
    match(stdout, /No Python to compare with/);
  });

  it('measures an Xception, of which it has no training', async () => {
    const args = ['bench', 'detect', '--network', 'xception', '--batch-size', '1', '--repeats', '3', '--threads', '1'];
    const { code, stdout, stderr } = await runCli([...args, '--dtype', 'fp32', '--json'], { env: { DEEPCODE_BENCH_PYTHON: '' } });
    strictEqual(code, 0, stderr);
    const lines = jsonLines(stdout) as { architecture: string; workload: string; ours: { imagesPerSecond: number } }[];
    deepStrictEqual(lines.map(({ architecture, workload }) => [architecture, workload]), [['legacy_xception', 'inference']]);
    ok(lines[0]!.ours.imagesPerSecond > 0);
    strictEqual((await runCli([...args, '--workload', 'training'])).code, 2);
  });

  it('measures the networks of generation', async () => {
    const args = ['bench', 'generate', '--model-size', 'tiny', '--repeats', '3', '--threads', '1', '--dtype', 'fp32', '--json'];
    const { code, stdout, stderr } = await runCli(args, { env: { DEEPCODE_BENCH_PYTHON: '' } });
    strictEqual(code, 0, stderr);
    const lines = jsonLines(stdout) as { workload: string; ours: { seconds: { median: number }; peakBytes: number } }[];
    deepStrictEqual(lines.map(({ workload }) => workload), ['unet', 'decode']);
    for (const { ours } of lines) ok(ours.seconds.median > 0 && ours.peakBytes > 0);
  });

  it('measures whole images, when asked to', async () => {
    const args = ['bench', 'generate', '--workload', 'images', '--steps', '2', '--model-size', 'tiny', '--repeats', '3', '--threads', '1'];
    const { code, stdout, stderr } = await runCli([...args, '--dtype', 'fp32', '--json'], { env: { DEEPCODE_BENCH_PYTHON: '' } });
    strictEqual(code, 0, stderr);
    const [line] = jsonLines(stdout) as { workload: string; ours: { imagesPerSecond: number } }[];
    strictEqual(line!.workload, 'images');
    ok(line!.ours.imagesPerSecond > 0);
  });

  it('measures captions, and attributes where their networks are', async function () {
    const quick = ['--repeats', '3', '--threads', '1', '--dtype', 'fp32', '--json', '--packages', __dirname];
    const caption = await runCli(['bench', 'caption', '--model-size', 'tiny', ...quick], { env: { DEEPCODE_BENCH_PYTHON: '' } });
    strictEqual(caption.code, 0, caption.stderr);
    const [captions] = jsonLines(caption.stdout) as { workload: string; ours: { seconds: { median: number } }; missing: string[] }[];
    strictEqual(captions!.workload, 'caption');
    ok(captions!.ours.seconds.median > 0);
    match(captions!.missing.join(), /transformers/);
    if (pulledModels() === undefined) return this.skip();
    const attributes = await runCli(['bench', 'attributes', ...quick]);
    strictEqual(attributes.code, 0, attributes.stderr);
    const [faces] = jsonLines(attributes.stdout) as { others: unknown[]; missing: string[] }[];
    deepStrictEqual(faces!.others, []);
    match(faces!.missing.join(), /npm install @vladmandic\/human/);
  });

  const MEMORY = ['bench', 'memory', '--threads', '1', '--warm-up', '3'];

  it('reads the memory before and after many predictions', async () => {
    // More than one turn, and not a whole number of them.
    const { code, stdout, stderr } = await runCli([...MEMORY, '--predictions', '130', '--json']);
    strictEqual(code, 0, stderr);
    const lines = jsonLines(stdout) as Record<string, number>[];
    strictEqual(lines.length, 1);
    const { workload, dtype, warmUp, predictions, seconds, imagesPerSecond, warmBytes, endBytes, growthMegabytes, peakBytes } = lines[0]!;
    deepStrictEqual({ workload, dtype, warmUp, predictions }, { workload: 'memory', dtype: 'fp32', warmUp: 3, predictions: 130 });
    ok(seconds! > 0);
    strictEqual(imagesPerSecond, 130 / seconds!);
    strictEqual(growthMegabytes, (endBytes! - warmBytes!) / 2 ** 20);
    // Bytes: libtorch alone is more than 50 MB.
    ok(warmBytes! > 50 * 2 ** 20 && endBytes! > 50 * 2 ** 20, stdout);
    ok(peakBytes! >= Math.max(warmBytes!, endBytes!), stdout);
  });

  it('says in a table what the predictions left of the memory', async () => {
    const { code, stdout, stderr } = await runCli([...MEMORY, '--predictions', '4', '--dtype', 'bf16']);
    strictEqual(code, 0, stderr);
    match(stdout, /one after the other, bf16, cpu, 1 threads, after 3 as a warm-up/);
    match(stdout, /^side +predictions +images\/s +MB after warm-up +MB at the end +growth in MB +peak MB$/m);
    match(stdout, /^deepcode \d\S* libtorch 2\.\d+\.\d+ +4 +\d+\.\d( +\d+\.\d){2} +-?\d+\.\d +\d+\.\d$/m);
  });

  it('stops measuring the memory at SIGINT, without a result and without leaving its process', async () => {
    let side: string | undefined;
    const { code, stdout, stderr } = await runCli([...MEMORY, '--predictions', '1000000000'], {
      onStart: (child) =>
        child.stderr!.on('data', (text: string) => {
          if (side !== undefined || !text.includes('prediction ')) return;
          side = childrenOf(child.pid!).find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('memory-side'));
          child.kill('SIGINT');
        }),
    });
    strictEqual(code, 130, stderr);
    strictEqual(stdout, '');
    ok(side, 'a process was measured');
    ok(!existsSync(`/proc/${side}`), 'it has ended');
  });

  it('has no workloads of memory', async () => {
    const { code, stderr } = await runCli([...MEMORY, '--workload', 'inference']);
    strictEqual(code, 2);
    match(stderr, /--workload of memory is one of all/);
  });

  it('says at once that there is no CUDA device', async function () {
    if (runtimeInfo().cuda.available) {
      this.test!.skipReason = 'there is one';
      return this.skip();
    }
    const { code, stdout, stderr } = await runCli(['bench', 'generate', '--device', 'cuda']);
    strictEqual(code, 1);
    match(stderr, /CUDA is not available: .* Use --device cpu\. \[ERR_DEVICE\]/);
    strictEqual(stdout, '');
  });

  it('knows what it can measure', async () => {
    const { code, stderr } = await runCli(['bench', 'everything']);
    strictEqual(code, 2);
    match(stderr, /Expected detect, generate, attributes, caption, memory but received "everything"/);
  });
});
