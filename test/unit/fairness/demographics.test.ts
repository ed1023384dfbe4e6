/** Who is shown, from the tables of data sets. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset, type Dataset, type DatasetOptions } from '../../../ts/data/index.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'deepcode-people-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Opens a table; `{}` in a row stands for an image that exists. */
function open(header: string, rows: readonly string[], options: DatasetOptions = {}): Promise<Dataset> {
  const lines = rows.map((row, i) => {
    writeFileSync(join(root, `${i}.jpg`), '');
    return row.replace('{}', `${i}.jpg`);
  });
  writeFileSync(join(root, 't.csv'), [header, ...lines].join('\n'));
  return openDataset(join(root, 't.csv'), options);
}

const values = ({ samples }: Dataset): unknown[] =>
  samples.map(({ demographics = {} }) => Object.fromEntries(Object.entries(demographics).map(([name, { value }]) => [name, value])));

const notes = (dataset: Dataset): unknown[] => dataset.notes.map(({ what, count, first }) => [what, count, first]);

describe("the authors' columns", () => {
  const HEADER = 'img_path,label,ismale,isasian,iswhite,isblack,intersec_label,spe_label';

  it('give gender and race, others where no race is marked', async () => {
    const rows = ['{},1,1,1,-1,-1,0,1', '{},0,1,-1,-1,1,2,', '{},0,-1,-1,1,-1,5,', '{},1,-1,-1,-1,-1,7,3'];
    const dataset = await open(HEADER, rows);
    assert.deepEqual(values(dataset), [
      { gender: 'male', race: 'asian' },
      { gender: 'male', race: 'black' },
      { gender: 'female', race: 'white' },
      { gender: 'female', race: 'others' },
    ]);
    assert.deepEqual([dataset.layout, dataset.notes], ['demographic-csv', []]);
    assert.deepEqual(dataset.samples[0]!.demographics!.gender, { value: 'male', predicted: false, confidence: null });
  });

  it('number six groups where there is no column isasian', async () => {
    const header = 'img_path,label,ismale,iswhite,isblack,intersec_label';
    const dataset = await open(header, ['{},1,1,-1,-1,2', '{},1,-1,-1,1,4', '{},0,-1,-1,-1,6']);
    assert.deepEqual(values(dataset), [{ gender: 'male', race: 'others' }, { gender: 'female', race: 'black' }, { gender: 'female', race: 'others' }]);
    assert.deepEqual(notes(dataset), [['intersec_label is not a whole number from 0 to 5', 1, 't.csv:4']]);
  });

  it('leave unknown what annotators left open, and take it from the number of the group', async () => {
    const dataset = await open(HEADER, ['{},1,0,-1,1,-1,,', '{},1,0,0,0,0,3,', '{},1,1,,-1,-1,,', '{},0,1,1,1,-1,,']);
    assert.deepEqual(values(dataset), [{ race: 'white' }, { gender: 'male', race: 'others' }, { gender: 'male' }, { gender: 'male' }]);
  });

  it('may be the number of the group alone', async () => {
    assert.deepEqual(values(await open('img_path,label,intersec_label', ['{},1,4', '{},0,3'])), [
      { gender: 'female', race: 'asian' },
      { gender: 'male', race: 'others' },
    ]);
  });

  it('that contradict each other, or a number outside the range, are noted once and the images kept', async () => {
    const dataset = await open(HEADER, ['{},1,1,1,-1,-1,1,', '{},1,-1,1,-1,-1,0,', '{},1,1,1,-1,-1,8,', '{},1,1,1,-1,-1,x,', '{},1,1,1,-1,-1,-1,']);
    assert.deepEqual(values(dataset), [{}, {}, ...Array<object>(3).fill({ gender: 'male', race: 'asian' })]);
    assert.deepEqual(notes(dataset), [
      ['intersec_label and the columns ismale, isasian, iswhite, isblack contradict each other', 2, 't.csv:2'],
      ['intersec_label is not a whole number from 0 to 7', 3, 't.csv:4'],
    ]);
    assert.deepEqual(dataset.skipped, []);
  });

  it('leave to named columns beside them what they do not say', async () => {
    const header = 'path,label,ismale,isasian,iswhite,isblack,intersec_label,age,gender,race';
    const dataset = await open(header, ['{},1,1,1,-1,-1,0,31,female,white', '{},0,,,,,,44,female,white', '{},1,1,1,-1,-1,1,52,male,asian']);
    assert.deepEqual(values(dataset), [
      { gender: 'male', race: 'asian', age: '31' },
      { gender: 'female', race: 'white', age: '44' },
      { age: '52' },
    ]);
    assert.equal(dataset.notes.length, 1);
  });
});

describe("AI-Face's columns", () => {
  it('of the first version: gender, age, race', async () => {
    const header = 'Image Path,Uncertainty Score Gender,Ground Truth Gender,Ground Truth Age,Ground Truth Race,Intersection,Target';
    const dataset = await open(header, ['{},0.1,1,0,1,1,0', '{},0.1,0,2,3,7,1', '{},0.1,0,3,2,1,1']);
    assert.deepEqual(values(dataset), [
      { gender: 'male', race: 'white', age: 'young' },
      { gender: 'female', race: 'others', age: 'senior' },
      {},
    ]);
    assert.deepEqual(notes(dataset), [['Intersection contradicts the columns that it is made of', 1, 't.csv:4']]);
    assert.equal(dataset.samples[0]!.demographics!.race!.predicted, true);
  });

  it('of the second version: gender, age, skin tone', async () => {
    const dataset = await open('Image Path,Gender,Age,Skin Tone,Intersection,Target', ['{},0,0,1,0,0', '{},1,2,6,4,1', '{},1,4,10,5,1', '{},1,7,0,3,1']);
    assert.deepEqual(values(dataset), [
      { gender: 'female', age: 'child', 'skin-tone': 'light' },
      { gender: 'male', age: 'adult', 'skin-tone': 'medium' },
      { gender: 'male', age: 'senior', 'skin-tone': 'dark' },
      { gender: 'male' },
    ]);
    assert.deepEqual(notes(dataset), [['Skin Tone has a code that is not known', 1, 't.csv:5']]);
  });

  it('count ages in the way that the table does', async () => {
    assert.deepEqual(values(await open('Image Path,Age,Target', ['{},3,0', '{},5,0'])), [{ age: 'adult' }, { age: 'senior' }]);
    const mixed = await open('Image Path,Age,Target', ['{},2,0', '{},5,0']);
    assert.deepEqual([values(mixed), mixed.notes[0]!.count], [[{}, {}], 2]);
  });
});

describe('columns gender, race, age and skin tone', () => {
  it('are read in any table, under any of their names', async () => {
    const dataset = await open('path,label,Sex,Ethnicity,AGE,skin_tone', ['{},real, M ,East Asian,34,dark', '{},fake,woman,unknown,20-29,', '{},fake,nonmale,N/A,nan,?']);
    assert.deepEqual(values(dataset), [
      { gender: 'male', race: 'east asian', age: '34', 'skin-tone': 'dark' },
      { gender: 'female', age: '20-29' },
      { gender: 'female' },
    ]);
    assert.deepEqual([dataset.layout, dataset.notes], ['csv', []]);
  });

  it('say where a network gave the value, and how sure it was', async () => {
    const dataset = await open('path,label,race,race_predicted,race_confidence,gender', ['{},real,asian,1,0.75,male', '{},real,white,0,,male', '{},real,black,true,,male', '{},real,black,1,1.5,male']);
    assert.deepEqual(
      dataset.samples.map(({ demographics }) => demographics!.race),
      [
        { value: 'asian', predicted: true, confidence: 0.75 },
        { value: 'white', predicted: false, confidence: null },
        { value: 'black', predicted: true, confidence: null },
        undefined,
      ],
    );
    assert.deepEqual(notes(dataset), [['race_confidence is not a number from 0 to 1', 1, 't.csv:5']]);
    assert.equal(dataset.samples[0]!.demographics!.gender!.predicted, false);
  });

  it('with ages that nobody has are noted', async () => {
    const dataset = await open('path,label,age', ['{},real,-3', '{},real,131', '{},real,130', '{},real,1e3']);
    assert.deepEqual(values(dataset), [{}, {}, { age: '130' }, {}]);
    assert.deepEqual(notes(dataset), [['age is not a number of years from 0 to 130', 3, 't.csv:2']]);
  });

  it('are absent from samples of other tables', async () => {
    const { samples } = await open('path,label', ['{},real']);
    assert.equal(samples[0]!.demographics, undefined);
    assert.equal(samples[0]!.identity, undefined);
  });

  it('stand beside identities', async () => {
    const { samples } = await open('path,label,identity', ['{},real, 7 ', '{},real,', '{},real,Unknown']);
    assert.deepEqual(samples.map(({ identity }) => identity), ['7', undefined, undefined]);
  });
});

describe('a table without a column for the class', () => {
  it('is refused, with what to do', async () => {
    await assert.rejects(open('path,gender', ['{},male']), { code: 'ERR_DATASET', message: /found path,gender\. With the option label/ });
    await assert.rejects(open('gender,name', ['male,x']), (error: Error) => !/option label/.test(error.message));
  });

  it('is read with one', async () => {
    const dataset = await open('path,gender,split', ['{},male,train', '{},female,val'], { label: 'fake' });
    assert.deepEqual(dataset.samples.map(({ label, split }) => [label, split]), [[1, 'train'], [1, 'valid']]);
    assert.deepEqual(values(dataset), [{ gender: 'male' }, { gender: 'female' }]);
    assert.equal((await open('Image Path,Gender', ['{},1'], { label: 'real' })).samples[0]!.label, 0);
  });

  it('is the only kind that takes one', async () => {
    await assert.rejects(open('path,label,gender', ['{},1,male'], { label: 'real' }), { code: 'ERR_DATASET', message: /a label is for a table/ });
    await assert.rejects(openDataset(join(__dirname, '../../data/samples'), { label: 'real' }), { code: 'ERR_DATASET' });
    assert.throws(() => openDataset('x', { label: 'REAL' as 'real' }), TypeError);
  });
});
