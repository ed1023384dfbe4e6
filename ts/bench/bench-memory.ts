/** `deepcode bench memory`: what many predictions leave of the memory of a process. No other side takes part. */
import { throwIfAborted } from '../abortable.js';
import type { BenchHooks, BenchSettings } from './bench-detect.js';
import type { MemoryJob, NodeSideTimes } from './job.js';
import { ownMemorySide } from './sides.js';
import { SideProcess } from './side-process.js';

/** Predictions between two lines of progress. */
const TURN = 100;

export interface MemoryResult extends Pick<MemoryJob, 'workload' | 'architecture' | 'dtype' | 'device' | 'threads' | 'warmUp' | 'predictions'> {
  name: string;
  libtorch: string | undefined;
  /** Without the warm-up. */
  seconds: number;
  imagesPerSecond: number;
  /** Resident set size after the warm-up and at the end, each after garbage collection. */
  warmBytes: number;
  endBytes: number;
  /** endBytes - warmBytes, in units of 2^20 bytes; below zero, memory went back. */
  growthMegabytes: number;
  /** The most memory that the process held. */
  peakBytes: number;
}

type Stretch = Pick<NodeSideTimes, 'seconds' | 'residentBytes' | 'peakBytes'>;

async function predict(side: SideProcess, count: number, signal: AbortSignal, onTurn: (done: number, last: Stretch) => void): Promise<Stretch> {
  const stretch: Stretch = { seconds: 0, residentBytes: 0, peakBytes: 0 };
  for (let done = 0; done < count; ) {
    const turn = Math.min(TURN, count - done);
    const { seconds, residentBytes, peakBytes } = await side.measure<NodeSideTimes>(turn, signal);
    done += turn;
    Object.assign(stretch, { seconds: stretch.seconds + seconds * turn, residentBytes, peakBytes });
    onTurn(done, stretch);
  }
  return stretch;
}

/** Yields one result. Rejects with AbortError, or with what our side fails with. */
export async function* benchMemory(settings: BenchSettings, { signal, onProgress }: BenchHooks): AsyncGenerator<MemoryResult> {
  const { device, threads, warmUp, predictions } = settings;
  const place = { device, threads, dtype: settings.dtypes[0]! };
  const job: MemoryJob = { workload: 'memory', architecture: 'the detector that ships', batchSize: 1, ...place, warmUp, predictions };
  onProgress('memory: starting');
  throwIfAborted(signal);
  const { side, ready } = await SideProcess.start(ownMemorySide(), job, signal);
  const report = (what: string, count: number) => (done: number, { residentBytes }: Stretch) =>
    onProgress(`memory: ${what} ${done}/${count}, ${(residentBytes / 2 ** 20).toFixed(0)} MB resident`);
  try {
    const { residentBytes: warmBytes } = await predict(side, warmUp, signal, report('warm-up', warmUp));
    const { seconds, residentBytes: endBytes, peakBytes } = await predict(side, predictions, signal, report('prediction', predictions));
    yield {
      workload: job.workload, architecture: job.architecture, ...place, warmUp, predictions,
      name: ready.name, libtorch: ready.libtorch,
      seconds, imagesPerSecond: predictions / seconds,
      warmBytes, endBytes, growthMegabytes: (endBytes - warmBytes) / 2 ** 20, peakBytes,
    };
  } finally {
    await side.stop();
  }
}
