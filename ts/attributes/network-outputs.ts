/** From what the networks return to DeepFace's result: labels, percentages, an age in years. */
import { DeepcodeError } from '../errors.js';
import {
  EMOTIONS,
  GENDERS,
  RACES,
  type AgeResult,
  type EmotionResult,
  type GenderResult,
  type RaceResult,
  type Scores,
} from './face-attributes.js';

type Values = ArrayLike<number>;

/**
 * GEAR's classes of age as one age each, in years: rounded coefficients of a ridge regression of the age on the seven
 * probabilities, over 300 of UTKFace's training images. Against the middles of the classes it takes 0.6 years off the
 * mean error on images that it was not fitted to.
 */
export const GEAR_AGES: readonly number[] = [10, 23, 29, 38, 50, 62, 67];
const GEAR_GENDERS = ['Man', 'Woman'] as const;
/** UTKFace's: the last one is Hispanic, Latino and Middle Eastern together. */
const GEAR_RACES = ['white', 'black', 'asian', 'indian', 'other'] as const;
/** DeepFace's age network has a class for every year from 0 on. */
const DEEPFACE_AGES = 101;

/** Probabilities that sum to one. @throws DeepcodeError ERR_SHAPE, ERR_NONFINITE */
function distribution(values: Values, length: number, what: string): number[] {
  if (values.length !== length) {
    throw new DeepcodeError('ERR_SHAPE', `Expected ${length} values for ${what} but received ${values.length}.`);
  }
  const list = Array.from(values);
  const sum = list.reduce((a, b) => a + b, 0);
  if (!(sum > 0) || !list.every((value) => Number.isFinite(value) && value >= 0)) {
    throw new DeepcodeError('ERR_NONFINITE', `The network's ${what} is no distribution: NaN, infinite or negative. Try another image or fp32.`);
  }
  return list.map((value) => value / sum);
}

function largest<L extends string>(labels: readonly L[], values: readonly number[]): L {
  return labels[values.indexOf(Math.max(...values))]!;
}

function percentages<L extends string>(labels: readonly L[], valueOf: (label: L, i: number) => number): Scores<L> {
  return Object.fromEntries(labels.map((label, i) => [label, 100 * valueOf(label, i)])) as Scores<L>;
}

function expectedAge(values: Values, ages: readonly number[]): AgeResult {
  const shares = distribution(values, ages.length, 'age');
  return { age: Math.round(shares.reduce((sum, share, i) => sum + share * ages[i]!, 0)) };
}

/**
 * @param values softmax of the emotion network, in the order of EMOTIONS
 * @throws DeepcodeError ERR_SHAPE, ERR_NONFINITE
 */
export function fromEmotion(values: Values): EmotionResult {
  const shares = distribution(values, EMOTIONS.length, 'emotion');
  return { emotion: percentages(EMOTIONS, (_, i) => shares[i]!), dominant_emotion: largest(EMOTIONS, shares) };
}

function gearGender(values: Values): GenderResult {
  const shares = distribution(values, GEAR_GENDERS.length, 'gender');
  const share = (label: (typeof GEAR_GENDERS)[number]): number => shares[GEAR_GENDERS.indexOf(label)]!;
  return { gender: percentages(GENDERS, share), dominant_gender: largest(GEAR_GENDERS, shares) };
}

/** "other" is halved between DeepFace's two labels for it; which of all is dominant is decided before that. */
function gearRace(values: Values): RaceResult {
  const shares = distribution(values, GEAR_RACES.length, 'race');
  const known: readonly string[] = GEAR_RACES;
  const share = (label: string): number => (known.includes(label) ? shares[known.indexOf(label)]! : shares.at(-1)! / 2);
  return { race: percentages(RACES, share), dominant_race: largest(GEAR_RACES, shares) };
}

/** Softmax outputs of GEAR's three heads. */
export interface GearOutputs {
  /** 7 classes. */
  age: Values;
  /** Man, woman. */
  gender: Values;
  /** White, black, asian, indian, other. */
  race: Values;
}

/** @throws DeepcodeError ERR_SHAPE, ERR_NONFINITE */
export function fromGear({ age, gender, race }: GearOutputs): AgeResult & GenderResult & RaceResult {
  return { ...expectedAge(age, GEAR_AGES), ...gearGender(gender), ...gearRace(race) };
}

/** Softmax outputs of DeepFace's networks; each may be absent. */
export interface DeepFaceOutputs {
  /** 101 classes: years from 0 to 100. */
  age?: Values;
  /** In the order of GENDERS. */
  gender?: Values;
  /** In the order of RACES. */
  race?: Values;
  /** In the order of EMOTIONS. */
  emotion?: Values;
}

/** The apparent age of Rothe et al. 2015 (DEX), equation 1: the expectation over all years; DeepFace cuts its fraction off. */
function apparentAge(values: Values): AgeResult {
  distribution(values, DEEPFACE_AGES, 'age');
  return { age: Math.trunc(Array.from(values).reduce((sum, share, year) => sum + share * year, 0)) };
}

function deepFaceGender(values: Values): GenderResult {
  const shares = distribution(values, GENDERS.length, 'gender');
  return { gender: percentages(GENDERS, (_, i) => shares[i]!), dominant_gender: largest(GENDERS, shares) };
}

function deepFaceRace(values: Values): RaceResult {
  const shares = distribution(values, RACES.length, 'race');
  return { race: percentages(RACES, (_, i) => shares[i]!), dominant_race: largest(RACES, shares) };
}

/** @throws DeepcodeError ERR_SHAPE, ERR_NONFINITE */
export function fromDeepFace({ age, gender, race, emotion }: DeepFaceOutputs): Partial<AgeResult & GenderResult & RaceResult & EmotionResult> {
  return {
    ...(age && apparentAge(age)),
    ...(gender && deepFaceGender(gender)),
    ...(race && deepFaceRace(race)),
    ...(emotion && fromEmotion(emotion)),
  };
}
