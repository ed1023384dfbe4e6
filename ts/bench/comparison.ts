/** Measures sides in turn: A B C, C B A, A B C, ... */
import type { SideJob, SideReady, SideTimes } from './job.js';
import { ratioOf, spreadOf, type Spread } from './statistics.js';
import { SideProcess, type SideCommand } from './side-process.js';

export interface SideResult extends Pick<SideReady, 'name' | 'libtorch'> {
  /** Seconds an iteration. */
  seconds: Spread;
  imagesPerSecond: number;
  /** Other time / our time by the clock; above 1, ours is faster. None for our own side. */
  ratio?: Spread;
  /** The same of processor time, which other work on the machine disturbs less. */
  cpuRatio?: Spread;
  /** Largest difference of a value from ours, relative to the largest value; not of training. */
  difference?: number;
  /** Of the fastest matrix product measured here: what the iteration's operations make of the time. 0 to 1. */
  ceilingShare?: number;
  /** The most memory that the process held. */
  peakBytes: number;
}

export interface ComparisonResult extends Pick<SideJob, 'workload' | 'architecture' | 'dtype' | 'batchSize' | 'device' | 'threads'> {
  rounds: number;
  ours: SideResult;
  others: SideResult[];
  /** Sides that could not take part, and why. */
  missing: string[];
}

interface Contestant {
  side: SideProcess;
  ready: SideReady;
  times: SideTimes[];
}

/** An iteration of a tiny model is too short for one reading of the clock. */
const MIN_TURN_SECONDS = 0.2;

async function calibrate({ side }: Contestant, signal: AbortSignal): Promise<number> {
  const { seconds } = await side.measure(1, signal);
  return Math.max(1, Math.ceil(MIN_TURN_SECONDS / seconds));
}

function differenceOf(ours: readonly number[] | undefined, other: readonly number[] | undefined): number | undefined {
  if (!ours || !other) return undefined;
  const scale = Math.max(...ours.map(Math.abs));
  return Math.max(...ours.map((value, i) => Math.abs(value - other[i]!))) / scale;
}

/** One side has counted operations and measured the ceiling for all. */
function ceilingShareOf(contestants: readonly Contestant[], seconds: number): number | undefined {
  const counted = contestants.find(({ ready }) => ready.flops !== undefined && ready.ceiling !== undefined)?.ready;
  return counted && counted.flops! / seconds / counted.ceiling!;
}

function resultOf(contestant: Contestant, [ours, ...others]: readonly [Contestant, ...Contestant[]], batchSize: number): SideResult {
  const { ready, times } = contestant;
  const seconds = spreadOf(times.map((time) => time.seconds));
  const result: SideResult = {
    name: ready.name,
    libtorch: ready.libtorch,
    seconds,
    imagesPerSecond: batchSize / seconds.median,
    ceilingShare: ceilingShareOf([ours, ...others], seconds.median),
    peakBytes: Math.max(...times.map((time) => time.peakBytes)),
  };
  if (contestant === ours) return result;
  const ratio = (of: 'seconds' | 'cpuSeconds'): Spread => ratioOf(ours.times.map((t) => t[of]), times.map((t) => t[of]));
  const difference = differenceOf(ours.ready.logits, ready.logits);
  return { ...result, ratio: ratio('seconds'), cpuRatio: ratio('cpuSeconds'), difference };
}

async function startAll(commands: readonly SideCommand[], job: SideJob, signal: AbortSignal, missing: string[]): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const [index, command] of commands.entries()) {
    try {
      contestants.push({ ...(await SideProcess.start(command, job, signal)), times: [] });
    } catch (error) {
      // Without our own side there is nothing to compare.
      if (index === 0 || signal.aborted) {
        await Promise.all(contestants.map(({ side }) => side.stop()));
        throw error;
      }
      missing.push((error as Error).message);
    }
  }
  return contestants;
}

async function measureRounds(contestants: readonly Contestant[], rounds: number, signal: AbortSignal, onRound: (round: number) => void): Promise<void> {
  const iterations = await calibrate(contestants[0]!, signal);
  for (let round = 0; round < rounds; round++) {
    onRound(round);
    for (const { side, times } of round % 2 === 0 ? contestants : [...contestants].reverse()) {
      times.push(await side.measure(iterations, signal));
    }
  }
}

/** Runs the job on every side; the first command is ours. */
export async function compareSides(
  commands: readonly SideCommand[],
  job: SideJob,
  { rounds, signal, onRound }: { rounds: number; signal: AbortSignal; onRound: (round: number) => void },
): Promise<ComparisonResult> {
  const missing: string[] = [];
  const contestants = await startAll(commands, job, signal, missing);
  try {
    await measureRounds(contestants, rounds, signal, onRound);
    const all = contestants as [Contestant, ...Contestant[]];
    const [ours, ...others] = all.map((contestant) => resultOf(contestant, all, job.batchSize)) as [SideResult, ...SideResult[]];
    const { workload, architecture, dtype, batchSize, device, threads } = job;
    return { workload, architecture, dtype, batchSize, device, threads, rounds, missing, ours, others };
  } finally {
    await Promise.all(contestants.map(({ side }) => side.stop()));
  }
}
