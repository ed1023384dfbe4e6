import { checkKind } from '../../arguments.js';
import { outOfRange } from '../../errors.js';

/** The next number above a score. */
const above = (score: number): number => score + Math.max(Number.MIN_VALUE, Math.abs(score) * Number.EPSILON);

/**
 * The lowest threshold for "fake when score >= threshold" that accuses at most a share `fpr` of real photos. It lies
 * halfway between the last accused score and the next one, so that rounding moves no decision. Fakes have no say in
 * it, so that it is also defined where there are none.
 *
 * @param realScores scores of real photos, at least one
 * @param fpr from 0 to 1
 * @throws TypeError for what is no array; RangeError for no scores or a rate outside its range
 */
export function thresholdAtFpr(realScores: ArrayLike<number>, fpr: number): number {
  checkKind('realScores', 'numbers', realScores);
  if (!(fpr >= 0 && fpr <= 1)) throw outOfRange('fpr', 'a number from 0 to 1', fpr);
  if (realScores.length === 0) throw outOfRange('the number of real photos', 'at least 1', 0);
  const sorted = Float64Array.from(realScores).sort().reverse();
  // 0.07 x 100 is a little over 7: what a share of whole photos comes to must not lose one to rounding.
  let accused = Math.floor(fpr * sorted.length + 1e-9);
  while (accused > 0 && accused < sorted.length && sorted[accused - 1] === sorted[accused]) accused--;
  if (accused === 0) return above(sorted[0]!);
  if (accused === sorted.length) return sorted[accused - 1]!;
  const [last, next] = [sorted[accused - 1]!, sorted[accused]!];
  const middle = next + (last - next) / 2;
  return middle > next ? middle : last;
}
