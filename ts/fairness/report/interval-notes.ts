/** What a reader must know of a report's intervals. */
import { FIGURES } from '../metrics/figures.js';
import { RATES } from './group.js';
import type { FairnessReport, FamilyReport, GroupReport } from './types.js';
import { FIGURES_READING, listText, RATE_LABELS } from './wording.js';

type Contents = Omit<FairnessReport, 'notes'>;

/** From so many persons on, a 95 % interval of an FPR had the true one as often as it should; with 5 persons 79 %. */
const FEW_PERSONS = 10;

/** Rates that no resample moves. */
export function certain(family: FamilyReport): string[] {
  const names = family.groups.flatMap((group) =>
    RATES.filter((rate) => !group.tooSmallFor.includes(rate) && [0, 1].includes(group[rate]?.value ?? NaN)).map(
      (rate) => `${RATE_LABELS[rate]} of ${group.group}`,
    ),
  );
  if (names.length === 0) return [];
  return [`${family.name}: a rate or AUC of exactly 0 or 1 has no bootstrap interval, which is not certainty, and adds no width to those of figures: ${listText(names)}.`];
}

/** Groups whose intervals are made of few persons, where persons are drawn. */
export function personNotes(family: FamilyReport, { bootstrap }: Contents): string[] {
  if (bootstrap.drawn !== 'persons') return [];
  const fewest = ({ persons: { real, fake } }: GroupReport): number => Math.min(real || Infinity, fake || Infinity);
  const few = family.groups.filter((group) => group.tooSmallFor.length < RATES.length && fewest(group) < FEW_PERSONS);
  if (few.length === 0) return [];
  const list = listText(few.map((group) => `${group.group} (${fewest(group)})`));
  return [`${family.name}: intervals are too narrow for groups whose real or fake images show fewer than ${FEW_PERSONS} persons: ${list}.`];
}

export function drawingNotes({ bootstrap, overall: { count, persons } }: Contents): string[] {
  if (bootstrap.drawn !== 'persons') return [];
  const shown = [persons.real > 0 ? `${persons.real} persons in real ones` : '', persons.fake > 0 ? `${persons.fake} persons in fakes` : ''];
  return [
    `Intervals draw whole persons, as images of one person are alike: ${count} images show ${shown.filter((text) => text !== '').join(' and ')}; ` +
      'an image whose person is not known counts as one.',
  ];
}

export function figureReading({ families }: Contents): string[] {
  return families.some(({ figures }) => FIGURES.some((name) => figures[name].estimate !== null)) ? [FIGURES_READING] : [];
}
