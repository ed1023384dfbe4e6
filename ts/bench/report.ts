/** The tables of `deepcode bench`. */
import { formatTable } from '../plots/table.js';
import type { MemoryResult } from './bench-memory.js';
import type { ComparisonResult, SideResult } from './comparison.js';
import type { Spread } from './statistics.js';

const milliseconds = (seconds: number): string => (1000 * seconds).toFixed(seconds < 0.1 ? 2 : 0);

/** "1.15 (1.12 to 1.19)": median and quartiles. */
export function ratioText({ median, low, high }: Spread): string {
  return `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function row({ name, libtorch, seconds, imagesPerSecond, ratio, cpuRatio, ceilingShare, difference, peakBytes }: SideResult): string[] {
  return [
    libtorch === undefined ? name : `${name}, libtorch ${libtorch}`,
    milliseconds(seconds.median),
    `${milliseconds(seconds.low)} to ${milliseconds(seconds.high)}`,
    imagesPerSecond < 1 ? imagesPerSecond.toPrecision(2) : imagesPerSecond.toFixed(1),
    ratio === undefined ? '' : ratioText(ratio),
    cpuRatio === undefined ? '' : ratioText(cpuRatio),
    ceilingShare === undefined ? '' : `${(100 * ceilingShare).toFixed(0)} %`,
    difference === undefined ? '' : difference.toExponential(0),
    (peakBytes / 2 ** 30).toFixed(2),
  ];
}

const WORKLOADS: Readonly<Record<ComparisonResult['workload'], string>> = {
  inference: 'inference',
  training: 'LoRA training step (r = 16 on qkv, Adam)',
  unet: 'UNet step (both halves of guidance for one image)',
  decode: 'VAE decoding',
  images: 'image from a prompt',
  attributes: 'finding and reading one face',
  caption: 'a caption by beam search',
  memory: 'memory of many predictions, one after the other',
};

function title({ workload, architecture, dtype, batchSize, device, threads, rounds }: ComparisonResult): string {
  return `${architecture}, ${WORKLOADS[workload]}, ${dtype}, batch of ${batchSize}, ${device}, ${threads} threads, ${rounds} rounds`;
}

/** One comparison: title, a row a side, and what is missing. */
export function comparisonText(result: ComparisonResult, style: 'text' | 'markdown' = 'text'): string {
  const table = formatTable({
    columns: [
      { header: 'side' },
      { header: 'ms', align: 'right' },
      { header: 'quartiles', align: 'right' },
      { header: 'images/s', align: 'right' },
      { header: 'ratio', align: 'right' },
      { header: 'of CPU time', align: 'right' },
      { header: 'of the matmul ceiling', align: 'right' },
      { header: 'outputs differ', align: 'right' },
      { header: 'peak GiB', align: 'right' },
    ],
    rows: [result.ours, ...result.others].map(row),
    style,
  });
  return [title(result), table, ...result.missing].join('\n');
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** What many predictions left of the memory. */
export function memoryText(result: MemoryResult): string {
  const { workload, architecture, dtype, device, threads, warmUp, predictions, imagesPerSecond, growthMegabytes } = result;
  const table = formatTable({
    columns: [
      { header: 'side' },
      { header: 'predictions', align: 'right' },
      { header: 'images/s', align: 'right' },
      { header: 'MB after warm-up', align: 'right' },
      { header: 'MB at the end', align: 'right' },
      { header: 'growth in MB', align: 'right' },
      { header: 'peak MB', align: 'right' },
    ],
    rows: [
      [
        `${result.name}, libtorch ${result.libtorch}`,
        String(predictions),
        imagesPerSecond.toFixed(1),
        megabytes(result.warmBytes),
        megabytes(result.endBytes),
        growthMegabytes.toFixed(1),
        megabytes(result.peakBytes),
      ],
    ],
  });
  return `${architecture}, ${WORKLOADS[workload]}, ${dtype}, ${device}, ${threads} threads, after ${warmUp} as a warm-up\n${table}`;
}

/** Any result of a bench. */
export function benchText(result: ComparisonResult | MemoryResult): string {
  return 'predictions' in result ? memoryText(result) : comparisonText(result);
}
