/** The tables of `deepcode bench`. */
import { formatTable } from '../plots/table.js';
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
