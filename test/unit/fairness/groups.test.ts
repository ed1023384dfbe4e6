import assert from 'node:assert/strict';
import type { Demographics } from '../../../ts/data/index.js';
import { statedAll } from '../../../ts/data/demographics/demographics.js';
import { ageGroup, groupPeople } from '../../../ts/fairness/groups.js';

const BINS = [18, 30, 60];

describe('ageGroup', () => {
  it('puts years into bins that begin at the given ages', () => {
    assert.deepEqual(
      ['0', '17', '17.9', '18', '29', '30', '59', '60', '116'].map((age) => ageGroup(age, BINS)),
      ['0-17', '0-17', '0-17', '18-29', '18-29', '30-59', '30-59', '60+', '60+'],
    );
  });

  it('keeps words and ranges', () => {
    assert.deepEqual(['20-29', 'adult', 'more than 70'].map((age) => ageGroup(age, BINS)), ['20-29', 'adult', 'more than 70']);
  });
});

describe('groupPeople', () => {
  const people: Demographics[] = [
    statedAll({ gender: 'male', age: '5' }),
    statedAll({ gender: 'female', age: '70' }),
    statedAll({ gender: 'male', age: '20' }),
    statedAll({ gender: 'male' }),
    {},
  ];

  it('groups by one attribute and counts whom nothing is known of', () => {
    const { groups, unknown, empty } = groupPeople(people, ['gender'], BINS);
    assert.deepEqual(groups.map(({ name, members }) => [name, members]), [['female', [1]], ['male', [0, 2, 3]]]);
    assert.deepEqual([unknown, empty], [1, []]);
  });

  it('orders ages by number and not by spelling', () => {
    const ages = ['100', '3-9', '20', '0-2', 'more than 70'].map((age) => statedAll({ age }));
    const { groups } = groupPeople(ages, ['age'], [30, 100]);
    assert.deepEqual(groups.map(({ name }) => name), ['0-2', '0-29', '3-9', '100+', 'more than 70']);
  });

  it('names the intersections that nobody is in', () => {
    const { groups, unknown, empty } = groupPeople(people, ['gender', 'age'], BINS);
    assert.deepEqual(groups.map(({ name }) => name), ['female, 60+', 'male, 0-17', 'male, 18-29']);
    assert.deepEqual(groups[1]!.values, { gender: 'male', age: '0-17' });
    assert.deepEqual(empty, ['female, 0-17', 'female, 18-29', 'male, 60+']);
    assert.equal(unknown, 2);
  });

  it('counts predictions and averages the confidences that are stated', () => {
    const predicted = (confidence: number | null): Demographics => ({ race: { value: 'asian', predicted: true, confidence } });
    const grouping = groupPeople([predicted(0.5), predicted(0.9), predicted(null), statedAll({ race: 'asian' })], ['race'], BINS);
    assert.deepEqual([grouping.predicted, grouping.meanConfidence], [3, 0.7]);
    assert.equal(groupPeople(people, ['gender'], BINS).meanConfidence, null);
  });
});
