/** Fills in who is shown where a data set does not say so, by the attribute networks. */
import type { FaceAttributes } from '../attributes/face-attributes.js';
import type { FaceAnalyzer } from '../attributes/face-analyzer.js';
import type { DatasetSample } from '../data/datasets/dataset.js';
import { demographicValue, type Demographic, type Demographics } from '../data/demographics/demographics.js';
import { EVALUATE_OPTIONS } from '../detect/evaluate.js';
import { DeepcodeError, invalidArgument, isAbort } from '../errors.js';
import { resolveOptions } from '../options.js';

/** What is read from a face. */
export const LABELLED_ATTRIBUTES = ['gender', 'race', 'age'] as const;

export interface LabelPeopleOptions {
  /** Images that cannot be read before it gives up. */
  maxBadImages?: number | undefined;
  signal?: AbortSignal | undefined;
  /** After each image. */
  onProgress?: ((done: number) => void) | undefined;
}

export interface LabelledPerson {
  sample: DatasetSample;
  /** What the data set said, which is kept, and what was predicted for the rest, marked as such. */
  demographics: Demographics;
  /** Faces that were found; the largest one counts. Undefined: the image was not looked at, as all is known. */
  faces: number | undefined;
  /** Why the image could not be read. */
  error?: DeepcodeError | undefined;
}

const area = ({ region }: FaceAttributes): number => region.w * region.h;

const predicted = (value: string, confidence: number | null): Demographic => ({ value, predicted: true, confidence });

/** Scores are percentages. */
function surest(
  attribute: 'gender' | 'race',
  label: string | undefined,
  scores: Readonly<Record<string, number>> | undefined,
): Demographic | undefined {
  const value = demographicValue(attribute, label);
  if (value === undefined) return undefined;
  const score = scores?.[label!];
  return predicted(value, score === undefined ? null : Math.min(1, score / 100));
}

function readFace(face: FaceAttributes): Demographics {
  const { gender, dominant_gender, race, dominant_race, age } = face;
  const found = {
    gender: surest('gender', dominant_gender, gender),
    race: surest('race', dominant_race, race),
    age: age === undefined ? undefined : predicted(String(Math.round(age)), null),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

const isKnown = (known: Demographics): boolean => LABELLED_ATTRIBUTES.every((name) => known[name] !== undefined);

async function labelOne(
  analyzer: FaceAnalyzer,
  sample: DatasetSample,
  signal: AbortSignal | undefined,
): Promise<LabelledPerson> {
  const stated = sample.demographics ?? {};
  if (isKnown(stated)) return { sample, demographics: stated, faces: undefined };
  try {
    const faces = await analyzer.analyze(sample.path, { signal });
    const largest = faces.reduce<FaceAttributes | undefined>(
      (best, face) => (best === undefined || area(face) > area(best) ? face : best),
      undefined,
    );
    return { sample, demographics: { ...(largest && readFace(largest)), ...stated }, faces: faces.length };
  } catch (error) {
    if (isAbort(error) || !(error instanceof DeepcodeError)) throw error;
    if (error.code !== 'ERR_IMAGE' && error.code !== 'ERR_IO') throw error;
    return { sample, demographics: stated, faces: 0, error };
  }
}

async function label(
  analyzer: FaceAnalyzer,
  samples: readonly DatasetSample[],
  { maxBadImages, signal, onProgress }: LabelPeopleOptions & { maxBadImages: number },
): Promise<LabelledPerson[]> {
  const people: LabelledPerson[] = [];
  let bad = 0;
  for (const sample of samples) {
    const person = await labelOne(analyzer, sample, signal);
    if (person.error && ++bad > maxBadImages) {
      throw new DeepcodeError(
        'ERR_IMAGE',
        `${bad} images could not be read, the last one ${sample.name.slice(-80)}. Repair the data set.`,
        { cause: person.error },
      );
    }
    people.push(person);
    onProgress?.(people.length);
  }
  return people;
}

/**
 * Gender, race and age of the largest face of every image, as far as the data set does not say them itself. They are
 * guesses from looks, with errors that differ between groups: see "Reading a face" in the README.
 *
 * @throws TypeError, RangeError at once for wrong arguments
 * @returns one entry a sample, in order; rejects with ERR_IMAGE (too many unreadable images), ERR_DISPOSED,
 *   ERR_OUT_OF_MEMORY or AbortError
 */
export function labelPeople(
  analyzer: FaceAnalyzer,
  samples: readonly DatasetSample[],
  options: LabelPeopleOptions = {},
): Promise<LabelledPerson[]> {
  if (!Array.isArray(samples)) throw invalidArgument('samples', 'an array of samples', samples);
  const { maxBadImages } = resolveOptions(EVALUATE_OPTIONS, options);
  return label(analyzer, samples as readonly DatasetSample[], { ...options, maxBadImages });
}
