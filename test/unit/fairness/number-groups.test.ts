import assert from 'node:assert/strict';
import { statedAll } from '../../../ts/data/demographics/demographics.js';
import type { TrainingData, TrainingSample } from '../../../ts/detect/train/data.js';
import { withGroups } from '../../../ts/fairness/train/number-groups.js';

function person(label: 0 | 1, gender?: string, race?: string): TrainingSample {
  return { path: '/x', name: 'x', label, weight: 1, demographics: statedAll({ gender, race }) };
}

const dataOf = (pool: TrainingSample[], validation: TrainingSample[] = []): TrainingData => ({
  pool,
  validation,
  sets: [],
});

const EVEN = [
  person(0, 'male', 'white'),
  person(1, 'male', 'white'),
  person(0, 'female', 'black'),
  person(1, 'female', 'black'),
];

function run(pool: TrainingSample[], validation: TrainingSample[] = [], attributes = 'gender,race') {
  const logged: string[] = [];
  const result = withGroups(dataOf(pool, validation), attributes, (line) => logged.push(line));
  return { ...result, logged: logged.join('\n') };
}

describe('withGroups', () => {
  it('numbers the groups in the order of their names, the same for validation', () => {
    const { data, groups } = run(EVEN, [person(0, 'male', 'white')]);
    assert.deepEqual(groups, [
      { name: 'female, black', real: 1, fake: 1 },
      { name: 'male, white', real: 1, fake: 1 },
    ]);
    assert.deepEqual(data.pool.map(({ group }) => group), [1, 1, 0, 0]);
    assert.equal(data.validation[0]!.group, 1);
  });

  it('makes a group of the images of which nothing is known, and says so', () => {
    const { data, groups, logged } = run([...EVEN, person(0), person(1, 'male')]);
    assert.deepEqual(data.pool.map(({ group }) => group), [1, 1, 0, 0, 2, 2]);
    assert.deepEqual(groups[2], { name: 'not known', real: 1, fake: 1 });
    assert.match(logged, /2 images of which gender,race is not all known/);
  });

  it('says when groups were predicted', () => {
    const predicted = { value: 'male', predicted: true, confidence: 0.9 };
    const pool = EVEN.map((sample) => ({ ...sample, demographics: { ...sample.demographics, gender: predicted } }));
    assert.match(run(pool).logged, /Of 4 images the group was predicted/);
  });

  const WARNINGS: [what: string, pool: TrainingSample[], validation: TrainingSample[], expected: RegExp][] = [
    [
      'a group with one class',
      [...EVEN, person(1, 'female', 'asian')],
      [],
      /Warning: the group female, asian has fake training images only/,
    ],
    [
      'a group without training images',
      EVEN,
      [person(0, 'male', 'asian')],
      /Warning: groups without training images: male, asian/,
    ],
    ['an intersection that nobody is in', EVEN, [], /Warning: no images of female, white; male, black/],
  ];
  for (const [what, pool, validation, expected] of WARNINGS) {
    it(`warns of ${what}`, () => assert.match(run(pool, validation).logged, expected));
  }

  const REFUSED: [what: string, pool: TrainingSample[], attributes: string, expected: object][] = [
    ['data without such columns', [person(0), person(1)], 'gender,race', { code: 'ERR_DATASET', message: /no image says/ }],
    ['an attribute that nobody has', EVEN, 'age', { code: 'ERR_DATASET', message: /no image says/ }],
    ['a single group', EVEN.slice(0, 2), 'gender', { code: 'ERR_DATASET', message: /show 1 groups/ }],
    ['an attribute that does not exist', EVEN, 'gender,height', { name: 'TypeError', message: /fairnessGroups/ }],
  ];
  for (const [what, pool, attributes, expected] of REFUSED) {
    it(`refuses ${what}`, () => assert.throws(() => run(pool, [], attributes), expected));
  }
});
