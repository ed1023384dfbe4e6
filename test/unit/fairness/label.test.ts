import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaceAnalyzer } from '../../../ts/attributes/face-analyzer.js';
import type { FaceAttributes } from '../../../ts/attributes/face-attributes.js';
import { openDataset } from '../../../ts/data/datasets/open-dataset.js';
import { DeepcodeError } from '../../../ts/errors.js';
import { labelPeople } from '../../../ts/fairness/label.js';
import { peopleTable } from '../../../ts/fairness/people-table.js';
import { writeImages } from '../../support/synthetic-set.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const region = (size: number): FaceAttributes['region'] => ({ x: 0, y: 0, w: size, h: size, left_eye: null, right_eye: null });

const woman: FaceAttributes = {
  region: region(20),
  face_confidence: 0.9,
  gender: { Woman: 87.5, Man: 12.5 },
  dominant_gender: 'Woman',
  dominant_race: 'other',
  age: 33,
};
const smallMan: FaceAttributes = { ...woman, region: region(5), dominant_gender: 'Man' };

/** Faces by the image's number; a missing number cannot be read. */
function analyzerOf(faces: Readonly<Record<number, readonly FaceAttributes[]>>): FaceAnalyzer {
  const analyze = async (path: string): Promise<readonly FaceAttributes[]> => {
    const found = faces[Number(/(\d+)\.png$/.exec(path)![1])];
    if (found) return found;
    throw new DeepcodeError('ERR_IMAGE', 'It is damaged.');
  };
  return { analyze } as unknown as FaceAnalyzer;
}

describe('labelPeople', () => {
  const temporary = useTemporaryFolder();

  async function peopleOf(faces: Readonly<Record<number, readonly FaceAttributes[]>>, csv?: string, count = 2) {
    await writeImages(temporary('set'), count, 0, ['real']);
    if (csv !== undefined) await writeFile(temporary('set/people.csv'), csv);
    const { samples } = await openDataset(csv === undefined ? temporary('set') : temporary('set/people.csv'));
    return { samples, people: await labelPeople(analyzerOf(faces), samples) };
  }

  it('takes the largest face, marks what was predicted, and keeps its confidence', async () => {
    const { people } = await peopleOf({ 0: [smallMan, woman], 1: [] });
    assert.deepEqual(people[0]!.demographics, {
      gender: { value: 'female', predicted: true, confidence: 0.875 },
      race: { value: 'other', predicted: true, confidence: null },
      age: { value: '33', predicted: true, confidence: null },
    });
    assert.deepEqual([people[0]!.faces, people[1]!.faces, people[1]!.demographics], [2, 0, {}]);
  });

  it('keeps what the data set states', async () => {
    const csv = 'path,label,gender,race\nreal/000.png,real,male,\nreal/001.png,real,,black\n';
    const { people } = await peopleOf({ 0: [woman], 1: [woman] }, csv);
    assert.deepEqual(people.map(({ demographics }) => [demographics.gender!.value, demographics.race!.value]), [
      ['male', 'other'],
      ['female', 'black'],
    ]);
    assert.equal(people[0]!.demographics.gender!.predicted, false);
  });

  it('goes on after an unreadable image, up to a limit', async () => {
    const { people, samples } = await peopleOf({ 0: [woman] });
    assert.equal(people[1]!.error!.code, 'ERR_IMAGE');
    const limited = labelPeople(analyzerOf({}), samples, { maxBadImages: 1 });
    await assert.rejects(limited, { code: 'ERR_IMAGE', message: /2 images could not be read/ });
    assert.throws(() => labelPeople(analyzerOf({}), samples, { maxBadImages: -1 }), { name: 'RangeError' });
  });

  const skinTones = 'path,label,skin_tone\nreal/000.png,real,light\nreal/001.png,real,dark\n';
  const tables = { 'what was predicted': undefined, 'a stated skin tone, which nothing predicts': skinTones };
  for (const [what, csv] of Object.entries(tables)) {
    it(`makes a table that is read back as it was: ${what}`, async () => {
      const { people } = await peopleOf({ 0: [woman], 1: [woman] }, csv);
      assert.equal(people[0]!.demographics['skin-tone']?.value, csv && 'light');
      const table = temporary('labels.csv');
      await writeFile(table, peopleTable(people, table).map((cells) => `${cells.join(',')}\n`).join(''));
      const { samples } = await openDataset(table);
      assert.deepEqual(samples.map(({ demographics }) => demographics), people.map(({ demographics }) => demographics));
      assert.deepEqual(samples.map(({ path }) => path), people.map(({ sample }) => sample.path));
      assert.ok(samples[0]!.path.startsWith(join(temporary('set'), 'real')));
    });
  }
});
