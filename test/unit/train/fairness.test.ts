import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evenPeople, writePeople } from '../../support/people-set.js';
import { stopAfter, TrainingPlace } from '../../support/training.js';

describe('train with a fairness loss', () => {
  let place: TrainingPlace;
  let people: string;
  before(async () => {
    place = await TrainingPlace.create();
    people = await writePeople(join(place.root, 'people'), [...evenPeople(24, 'train'), ...evenPeople(8, 'valid')]);
  });
  after(() => place.remove());

  const losses = async (name: string): Promise<[loss: number, ce: number][]> =>
    (await place.metrics(name)).flatMap((line) => ('ce' in line ? [[line.loss, line.ce] as [number, number]] : []));

  it('minimises more than the mean, by the groups of the table', async () => {
    const logged: string[] = [];
    const options = { data: [people], fairness: 'cvar', batchSize: 8 } as const;
    await place.train('fair', options, { onLog: (line) => logged.push(line) });
    assert.ok((await losses('fair')).every(([loss, ce]) => loss > ce));
    const detector = JSON.parse((await place.read('fair', 'detector.json')).toString()) as { training: object };
    assert.equal((detector.training as { fairness: string }).fairness, 'cvar');
  });

  it('is the mean of all groups with shares of 1', async () => {
    const options = { data: [people], fairnessAlpha: 1, fairnessInnerAlpha: 1, fairnessGroups: 'gender' };
    await place.train('means', { ...options, fairness: 'cvar', trainSamples: 24, batchSize: 24, shuffle: false, epochs: 1 });
    for (const [loss, ce] of await losses('means')) assert.ok(Math.abs(loss - ce) < 1e-5, `${loss} is not ${ce}`);
  });

  it("tells a group's classes apart on request", async () => {
    const options = { data: [people], fairness: 'cvar', fairnessGroups: 'gender', batchSize: 12, epochs: 1 } as const;
    await place.train('together', options);
    await place.train('apart', { ...options, fairnessByClass: true });
    const [together, apart] = [await losses('together'), await losses('apart')];
    assert.equal(apart[0]![1], together[0]![1]);
    assert.ok(apart[0]![0] > together[0]![0], `${apart[0]![0]} is not above ${together[0]![0]}`);
  });

  it('says in detector.json what the loss was', async () => {
    const { training } = JSON.parse((await place.read('apart', 'detector.json')).toString()) as { training: Record<string, unknown> };
    assert.deepEqual([training['fairness'], training['fairnessGroups'], training['fairnessByClass']], ['cvar', 'gender', true]);
  });

  it('refuses classes of groups where the loss knows no groups', async () => {
    await assert.rejects(async () => place.train('idle', { fairnessByClass: true }), { code: 'ERR_INVALID_ARG', message: /cvar with --fairness-by-class/ });
  });

  it('warns of cells that say nothing usable, and of people in more than one split', async () => {
    const lines = (await readFile(people, 'utf8')).trimEnd().split('\n');
    const wrong = lines.map((line, i) => `${line},${i === 0 ? 'intersec_label,identity' : `${i === 1 ? 9 : ''},person ${i % 24}`}`);
    const table = join(place.root, 'people', 'wrong.csv');
    await writeFile(table, wrong.join('\n'));
    const logged: string[] = [];
    await place.train('warned', { data: [table], fairness: 'cvar', epochs: 1 }, { onLog: (line) => logged.push(line) });
    assert.match(logged.join('\n'), /^Warning: .*1 row \(first wrong\.csv:2\): intersec_label is not a whole number from 0 to 7/m);
    assert.match(logged.join('\n'), /^Warning: .*8 persons are in both train and valid/m);
  });

  it('resumes within an epoch to the same losses, with sharpness-aware minimisation', async () => {
    const options = { data: [people], fairness: 'cvar', samRho: 0.05, optimizer: 'sgd' } as const;
    await place.train('whole', options);
    await assert.rejects(place.train('stopped', options, stopAfter(3)), { code: 'ABORT_ERR' });
    await place.resume('stopped');
    assert.deepEqual(await losses('stopped'), await losses('whole'));
  });

  it('refuses data that does not say who is shown', async () => {
    await assert.rejects(place.train('nobody', { fairness: 'cvar' }), {
      code: 'ERR_DATASET',
      message: /no image says who is shown/,
    });
  });

  it('does not resume a run of another command', async () => {
    await place.copy('means', 'other');
    const path = join(place.run('other'), 'config.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"vit"', '"fair-detector"'));
    await assert.rejects(place.resume('other'), { code: 'ERR_CONFIG', message: /not started by deepcode train/ });
  });
});
