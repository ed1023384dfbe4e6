/** Which images belong to which group, for one attribute or for the intersection of several. */
import type { DemographicAttribute, Demographics } from '../data/demographics/demographics.js';

export interface Group {
  /** "asian", or "female, asian" in an intersection. */
  name: string;
  values: Readonly<Partial<Record<DemographicAttribute, string>>>;
  /** Indices of its images, ascending. */
  members: number[];
}

export interface Grouping {
  attributes: readonly DemographicAttribute[];
  /** Those with images, in order of their values. */
  groups: Group[];
  /** Intersections of values that occur, but never together. */
  empty: string[];
  /** Images of which some of the attributes is not known. */
  unknown: number;
  /** Images of which some of the attributes was predicted by a network, and its mean confidence where stated. */
  predicted: number;
  meanConfidence: number | null;
}

/** "34" with bins 18,30,45 -> "30-44"; words and ranges stay as they are. */
export function ageGroup(value: string, bins: readonly number[]): string {
  const years = Number(value);
  if (value.trim() === '' || !Number.isFinite(years)) return value;
  const above = bins.findIndex((bin) => years < bin);
  if (above < 0) return `${bins.at(-1)!}+`;
  return `${bins[above - 1] ?? 0}-${bins[above]! - 1}`;
}

function valueOf(person: Demographics, attribute: DemographicAttribute, ageBins: readonly number[]): string | undefined {
  const value = person[attribute]?.value;
  return value !== undefined && attribute === 'age' ? ageGroup(value, ageBins) : value;
}

/** Ages by the number they begin with; anything else by code point. */
function compareValues(a: string, b: string): number {
  const [x, y] = [parseInt(a, 10), parseInt(b, 10)];
  if (x !== y && !Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareGroups(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareValues(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** All combinations of one value an attribute, in order. */
function combinations(values: readonly (readonly string[])[]): string[][] {
  return values.reduce<string[][]>((sofar, next) => sofar.flatMap((head) => next.map((value) => [...head, value])), [[]]);
}

const NAME_SEPARATOR = ', ';

function predictions(people: readonly Demographics[], attributes: readonly DemographicAttribute[]): Pick<Grouping, 'predicted' | 'meanConfidence'> {
  const predicted = people.filter((person) => attributes.some((each) => person[each]?.predicted));
  const stated = predicted.flatMap((person) =>
    attributes.flatMap((each) => {
      const confidence = person[each]?.predicted ? person[each].confidence : null;
      return confidence === null ? [] : [confidence];
    }),
  );
  const mean = stated.length === 0 ? null : stated.reduce((sum, each) => sum + each, 0) / stated.length;
  return { predicted: predicted.length, meanConfidence: mean };
}

/** @param ageBins ascending ages at which a new group begins */
export function groupPeople(
  people: readonly Demographics[],
  attributes: readonly DemographicAttribute[],
  ageBins: readonly number[],
): Grouping {
  const found = new Map<string, { values: string[]; members: number[] }>();
  let unknown = 0;
  people.forEach((person, i) => {
    const values = attributes.map((attribute) => valueOf(person, attribute, ageBins));
    if (!values.every((value) => value !== undefined)) return void unknown++;
    const name = values.join(NAME_SEPARATOR);
    const group = found.get(name);
    if (group) group.members.push(i);
    else found.set(name, { values, members: [i] });
  });
  const groups = [...found.entries()]
    .sort(([, a], [, b]) => compareGroups(a.values, b.values))
    .map(([name, { values, members }]): Group => ({
      name,
      values: Object.fromEntries(attributes.map((attribute, i) => [attribute, values[i]!])),
      members,
    }));
  const levels = attributes.map((attribute) => [...new Set(groups.map(({ values }) => values[attribute]!))].sort(compareValues));
  const all = groups.length === 0 ? [] : combinations(levels).map((values) => values.join(NAME_SEPARATOR));
  const empty = all.filter((name) => !found.has(name));
  return { attributes, groups, empty, unknown, ...predictions(people, attributes) };
}

/** The attributes of which at least one image has a value, in the order given. */
export function knownAttributes(
  people: readonly Demographics[],
  attributes: readonly DemographicAttribute[],
): DemographicAttribute[] {
  return attributes.filter((attribute) => people.some((person) => person[attribute] !== undefined));
}
