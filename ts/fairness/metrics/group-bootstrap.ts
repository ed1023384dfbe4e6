/**
 * The percentile bootstrap of one group (Efron & Tibshirani 1993, section 13.3): real photos and fakes are drawn
 * apart, each in its own number, as `bootstrapInterval` does, but all rates come from the same draws, and a draw costs
 * one pass over the group instead of a sort. Thresholds stay as they are.
 */
import type { ConfusionMatrix } from '../../metrics/confusion.js';
import { createRandom, type RandomSource } from '../../metrics/random.js';
import type { ScoredSet } from '../../metrics/scored-set.js';
import { groupRates, type GroupRates } from './rates.js';

/** What was counted in each resample. */
export interface GroupResamples {
  real: number;
  fake: number;
  truePositives: Uint32Array;
  falsePositives: Uint32Array;
  /** Null with one class only. */
  auc: Float64Array | null;
}

/** One class of a group. */
interface Members {
  /** Place of each score among the group's distinct scores, the highest first. */
  ranks: Uint32Array;
  calledFake: Uint8Array;
}

interface Group {
  real: Members;
  fake: Members;
  distinct: number;
}

function ranksOf(scores: ArrayLike<number>): { ranks: Uint32Array; distinct: number } {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const ranks = new Uint32Array(scores.length);
  let distinct = 0;
  order.forEach((sample, place) => {
    if (place > 0 && scores[order[place - 1]!] !== scores[sample]) distinct++;
    ranks[sample] = distinct;
  });
  return { ranks, distinct: scores.length === 0 ? 0 : distinct + 1 };
}

function prepare({ scores, labels }: ScoredSet, threshold: number): Group {
  const { ranks, distinct } = ranksOf(scores);
  const members = (label: 0 | 1): Members => {
    const own = Array.from(labels).flatMap((value, i) => (value === label ? [i] : []));
    return {
      ranks: Uint32Array.from(own, (i) => ranks[i]!),
      calledFake: Uint8Array.from(own, (i) => (scores[i]! >= threshold ? 1 : 0)),
    };
  };
  return { real: members(0), fake: members(1), distinct };
}

/** Draws one class anew into `counts`, by rank; returns how many of the drawn are called fake. */
function draw({ ranks, calledFake }: Members, counts: Uint32Array, random: RandomSource): number {
  counts.fill(0);
  let called = 0;
  for (let i = 0; i < ranks.length; i++) {
    const picked = random.below(ranks.length);
    counts[ranks[picked]!]!++;
    called += calledFake[picked]!;
  }
  return called;
}

/** As `rocAuc`: the trapezoid rule over whole numbers, doubled, then one division. */
function aucOfCounts(real: Uint32Array, fake: Uint32Array, pairs: number): number {
  let above = 0;
  let doubled = 0;
  for (let k = 0; k < real.length; k++) {
    doubled += real[k]! * (2 * above + fake[k]!);
    above += fake[k]!;
  }
  return doubled / (2 * pairs);
}

/**
 * @param threshold fake when score >= threshold
 * @param seed a whole number from 0 to 2^32 - 1; real photos are drawn before fakes
 */
export function resampleGroup(set: ScoredSet, threshold: number, resamples: number, seed: number): GroupResamples {
  const group = prepare(set, threshold);
  const [real, fake] = [group.real.ranks.length, group.fake.ranks.length];
  const random = createRandom(seed);
  const reals = new Uint32Array(group.distinct);
  const fakes = new Uint32Array(group.distinct);
  const out: GroupResamples = {
    real,
    fake,
    truePositives: new Uint32Array(resamples),
    falsePositives: new Uint32Array(resamples),
    auc: real > 0 && fake > 0 ? new Float64Array(resamples) : null,
  };
  for (let b = 0; b < resamples; b++) {
    out.falsePositives[b] = draw(group.real, reals, random);
    out.truePositives[b] = draw(group.fake, fakes, random);
    if (out.auc !== null) out.auc[b] = aucOfCounts(reals, fakes, real * fake);
  }
  return out;
}

/** The counts of one resample. */
export function countsOf(resamples: GroupResamples, b: number): ConfusionMatrix {
  const [truePositives, falsePositives] = [resamples.truePositives[b]!, resamples.falsePositives[b]!];
  return {
    truePositives,
    falsePositives,
    trueNegatives: resamples.real - falsePositives,
    falseNegatives: resamples.fake - truePositives,
  };
}

export function ratesOf(resamples: GroupResamples, b: number): GroupRates {
  return groupRates(countsOf(resamples, b), resamples.auc === null ? null : resamples.auc[b]!);
}

/** FNV-1a of a name, mixed into a seed: a group's draws do not depend on which other groups are reported. */
export function seedOf(name: string, seed: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return (hash ^ seed) >>> 0;
}
