/**
 * The bootstrap of one group (Efron & Tibshirani 1993). Persons are drawn, each with all of their images in the group
 * (the cluster bootstrap; Davison & Hinkley 1997, section 3.8): images of one person are alike, and drawn singly they
 * would count as more evidence than they are (20 persons with 10 photos each, of which all or none are accused: a 95 %
 * interval has the true FPR in 47 % of data sets where photos are drawn, in 95 % where persons are). An image whose person is not known is a person of its own, so without
 * identities images are drawn, as `bootstrapInterval` does. Persons with real photos only, with fakes only and with
 * both are drawn apart, each in their own number, so that no resample lacks a class. All rates come from the same
 * draws, and a draw costs one pass over the group instead of a sort. Thresholds stay as they are.
 */
import type { ConfusionMatrix } from '../../metrics/confusion.js';
import { createRandom, type RandomSource } from '../../metrics/random.js';
import { personsOf, type GroupImages } from './persons.js';
import { groupRates, type GroupRates } from './rates.js';

/** What was counted in each resample. */
export interface GroupResamples {
  real: Uint32Array;
  fake: Uint32Array;
  truePositives: Uint32Array;
  falsePositives: Uint32Array;
  /** Null with one class only. */
  auc: Float64Array | null;
}

/** Persons with images of the same classes. */
interface Stratum {
  /** Where each person's images begin in the arrays below, and their end. */
  starts: Uint32Array;
  /** Place of each score among the group's distinct scores, the highest first. */
  ranks: Uint32Array;
  labels: Uint8Array;
  calledFake: Uint8Array;
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

/** Persons with real photos only, with fakes only, with both. */
function strataOf(images: GroupImages, ranks: Uint32Array, threshold: number): Stratum[] {
  const { scores, labels } = images;
  const kinds: number[][][] = [[], [], []];
  for (const person of personsOf(images)) {
    const first = labels[person[0]!]!;
    kinds[person.every((i) => labels[i] === first) ? first : 2]!.push(person);
  }
  return kinds.map((persons) => {
    const own = persons.flat();
    const starts = new Uint32Array(persons.length + 1);
    persons.forEach(({ length }, p) => (starts[p + 1] = starts[p]! + length));
    return {
      starts,
      ranks: Uint32Array.from(own, (i) => ranks[i]!),
      labels: Uint8Array.from(own, (i) => labels[i]!),
      calledFake: Uint8Array.from(own, (i) => (scores[i]! >= threshold ? 1 : 0)),
    };
  });
}

/** One resample in the making, by class: images by rank, images, and those called fake. */
interface Drawn {
  byRank: readonly [real: Uint32Array, fake: Uint32Array];
  images: [real: number, fake: number];
  called: [real: number, fake: number];
}

/** Draws the persons of a stratum anew. */
function draw({ starts, ranks, labels, calledFake }: Stratum, drawn: Drawn, random: RandomSource): void {
  const persons = starts.length - 1;
  for (let p = 0; p < persons; p++) {
    const picked = random.below(persons);
    for (let k = starts[picked]!; k < starts[picked + 1]!; k++) {
      const label = labels[k] as 0 | 1;
      drawn.byRank[label][ranks[k]!]!++;
      drawn.images[label]++;
      drawn.called[label] += calledFake[k]!;
    }
  }
}

/** As `rocAuc`: the trapezoid rule over whole numbers, doubled, then one division. */
function aucOfCounts([real, fake]: Drawn['byRank'], pairs: number): number {
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
 * @param seed a whole number from 0 to 2^32 - 1; persons with real photos only are drawn first, those with both last
 */
export function resampleGroup(images: GroupImages, threshold: number, resamples: number, seed: number): GroupResamples {
  const { ranks, distinct } = ranksOf(images.scores);
  const strata = strataOf(images, ranks, threshold);
  const random = createRandom(seed);
  const byRank = [new Uint32Array(distinct), new Uint32Array(distinct)] as const;
  const has = (label: 0 | 1): boolean => Array.from(images.labels).includes(label);
  const [real, fake, truePositives, falsePositives] = Array.from({ length: 4 }, () => new Uint32Array(resamples)) as [
    Uint32Array, Uint32Array, Uint32Array, Uint32Array,
  ]; // prettier-ignore
  const auc = has(0) && has(1) ? new Float64Array(resamples) : null;
  for (let b = 0; b < resamples; b++) {
    byRank.forEach((counts) => counts.fill(0));
    const drawn: Drawn = { byRank, images: [0, 0], called: [0, 0] };
    for (const stratum of strata) draw(stratum, drawn, random);
    [real[b], fake[b]] = drawn.images;
    [falsePositives[b], truePositives[b]] = drawn.called;
    if (auc !== null) auc[b] = aucOfCounts(byRank, drawn.images[0] * drawn.images[1]);
  }
  return { real, fake, truePositives, falsePositives, auc };
}

/** The counts of one resample. */
export function countsOf(resamples: GroupResamples, b: number): ConfusionMatrix {
  const [truePositives, falsePositives] = [resamples.truePositives[b]!, resamples.falsePositives[b]!];
  return {
    truePositives,
    falsePositives,
    trueNegatives: resamples.real[b]! - falsePositives,
    falseNegatives: resamples.fake[b]! - truePositives,
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
