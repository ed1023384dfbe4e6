/** Who an image shows, as far as its data set says so. */

export const DEMOGRAPHIC_ATTRIBUTES = ['gender', 'race', 'age', 'skin-tone'] as const;
export type DemographicAttribute = (typeof DEMOGRAPHIC_ATTRIBUTES)[number];

/** What a data set says of one attribute of one image. */
export interface Demographic {
  /** Lower-case; for an age in years its number, for example "34". */
  value: string;
  /** True where a network said so rather than a person. */
  predicted: boolean;
  /** Of a prediction, 0 to 1; null where it is not stated. */
  confidence: number | null;
}

/** An attribute that is not known is absent. */
export type Demographics = Readonly<Partial<Record<DemographicAttribute, Demographic>>>;

/** What one row of a table says of the person shown. */
export interface RowPerson {
  demographics: Demographics;
  /** The same for all images of one person. */
  identity?: string;
  /** What is wrong with the row's demographic cells; the attributes concerned are absent. Names no value. */
  problem?: string;
}

const UNKNOWN: ReadonlySet<string> = new Set(['', 'unknown', 'undefined', 'unlabeled', 'unlabelled', 'nan', 'none', 'null', 'n/a', 'na', '-', '?']);

const WORDS: Readonly<Partial<Record<DemographicAttribute, ReadonlyMap<string, string>>>> = {
  gender: new Map([['m', 'male'], ['man', 'male'], ['f', 'female'], ['woman', 'female'], ['nonmale', 'female']]),
}; // prettier-ignore

/** Whether a cell stands for "not known". */
export const isUnknown = (cell: string | undefined): boolean => UNKNOWN.has((cell ?? '').trim().toLowerCase());

/** The value in its one spelling; undefined for the words and gaps that stand for "not known". */
export function demographicValue(attribute: DemographicAttribute, cell: string | undefined): string | undefined {
  const word = (cell ?? '').trim().toLowerCase().replace(/[\s_]+/g, ' ').slice(0, 40);
  if (UNKNOWN.has(word)) return undefined;
  return WORDS[attribute]?.get(word) ?? word;
}

/** As a person said it. */
export const stated = (value: string): Demographic => ({ value, predicted: false, confidence: null });

/** Attributes whose value is known, as {@link stated}. */
export function statedAll(values: Partial<Record<DemographicAttribute, string | undefined>>): Demographics {
  const known = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, stated(value)]));
}
