/** `deepcode fairness train`, `eval` and `label`, at a tiny scale. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../ts/data/datasets/open-dataset.js';
import type { FairnessReport } from '../../ts/fairness/index.js';
import { jsonLines, runCli } from '../support/cli.js';
import { pulledModels } from '../support/face-networks.js';
import { evenPeople, writePeople } from '../support/people-set.js';
import { runHere } from '../support/run-here.js';

const SAMPLES = join(__dirname, '..', 'data', 'samples');
const TINY = ['--image-size', '64', '--width', '0.0625', '--pairs', '4', '--epochs', '1', '--device', 'cpu', '--threads', '1'];

describe('deepcode fairness train, eval and label', function () {
  this.timeout(240_000);
  let folder: string;
  let people: string;
  let run: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-fair-cli-'));
    run = join(folder, 'run');
    people = await writePeople(join(folder, 'people'), [
      ...evenPeople(8, 'train'),
      ...evenPeople(8, 'valid'),
      ...evenPeople(16, 'test'),
    ]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('trains a run that eval measures without being told its data', async () => {
    const trained = await runCli(['fairness', 'train', '--data', people, '--out', run, '--json', ...TINY]);
    assert.equal(trained.code, 0, trained.stderr);
    assert.match(trained.stderr, /training without the specific-forgery branch/);
    assert.equal(jsonLines(trained.stdout)[0]!['steps'], 1);
    const evaluated = await runHere(['fairness', 'eval', '--model', run, '--device', 'cpu', '--resamples', '100', '--min-group', '2', '--json']);
    assert.equal(evaluated.code, 0, evaluated.stderr);
    const [line] = jsonLines(evaluated.stdout) as unknown as { count: number; fairness: FairnessReport }[];
    assert.equal(line!.fairness.count, 16);
    assert.deepEqual(line!.fairness.families.map(({ name }) => name), ['gender', 'race', 'gender x race']);
    for (const file of ['fairness.json', 'fairness.html']) assert.ok(existsSync(join(run, 'evaluation', file)), file);
  });

  it('detects with what was trained', async () => {
    const { code, stdout } = await runHere(['detect', join(folder, 'people', 'real', '000.png'), '--model', run, '--device', 'cpu', '--json']);
    assert.equal(code, 0);
    assert.ok(Number(jsonLines(stdout)[0]!['score']) >= 0);
  });

  it('resumes only with the options of the first start', async () => {
    const { code, stderr } = await runHere(['fairness', 'train', '--out', run, '--resume', '--pairs', '2', '--device', 'cpu']);
    assert.equal(code, 1);
    assert.match(stderr, /--pairs \(4 there, 2 now\)/);
  });

  it('eval asks for data where the model is not a run', async () => {
    const { code, stderr } = await runHere(['fairness', 'eval', '--model', join(folder, 'people')]);
    assert.equal(code, 2);
    assert.match(stderr, /--data must be given/);
  });

  it('eval tries --out before the detector is loaded', async () => {
    const { code, stderr } = await runHere(['fairness', 'eval', '--model', join(folder, 'none'), '--data', people, '--out', people]);
    assert.match(stderr, /Cannot write people\.csv: .*\[ERR_IO\]/);
    assert.equal(code, 1);
  });

  it('eval makes no folder with the name of a hub id', async () => {
    const { code, stderr } = await runHere(['fairness', 'eval', '--model', 'owner/name', '--data', people]);
    assert.match(stderr, /--out must be given/);
    assert.equal(code, 2);
    assert.ok(!existsSync('owner'));
  });

  it("eval refuses the run's own data where no split says what was not trained on", async () => {
    const [unsplit, other] = [join(folder, 'unsplit'), join(folder, 'other')];
    const table = await writePeople(unsplit, evenPeople(8, undefined));
    mkdirSync(other);
    writeFileSync(join(other, 'config.json'), JSON.stringify({ options: { data: [table] } }));
    const { code, stderr } = await runHere(['fairness', 'eval', '--model', other]);
    assert.match(stderr, /people\.csv is not split, and the run was trained on it\. .*--split.*--data/);
    assert.equal(code, 2);
    assert.ok(!existsSync(join(other, 'evaluation')));
    for (const more of [['--split', 'all'], ['--data', table]]) {
      assert.doesNotMatch((await runHere(['fairness', 'eval', '--model', other, ...more])).stderr, /is not split/);
    }
  });

  it('takes the share of groups by its short name, too', async () => {
    const { code, stderr } = await runHere(['train', '--data', 'x', '--model', 'y', '--fairness', 'cvar', '--alpha', '2']);
    assert.match(stderr, /from 0\.000001 to 1 for --fairness-alpha but received 2/);
    assert.equal(code, 2);
  });

  it('label writes a table that training reads', async function () {
    if (pulledModels() === undefined) return this.skip();
    const [table, faces] = [join(folder, 'labels.csv'), join(folder, 'faces')];
    for (const name of readdirSync(SAMPLES).filter((each) => each.endsWith('.jpg'))) {
      const place = join(faces, name.split('-')[0]!);
      mkdirSync(place, { recursive: true });
      copyFileSync(join(SAMPLES, name), join(place, name));
    }
    const args = ['fairness', 'label', '--data', faces, '--out', table, '--device', 'cpu', '--json'];
    const { code, stdout, stderr } = await runHere(args);
    assert.equal(code, 0, stderr);
    assert.equal(jsonLines(stdout)[0]!['without_face'], 0);
    const { samples } = await openDataset(table);
    assert.ok(samples.every(({ demographics }) => demographics?.gender?.predicted && demographics.gender.confidence! > 0.5));
    assert.equal((await runHere(args)).code, 2);
    assert.equal((await runHere([...args, '--force', '--split'])).code, 0);
    const { splits } = await openDataset(table);
    assert.deepEqual(splits, ['train', 'valid', 'test']);
    assert.equal((await runHere([...args.slice(0, 3), table, ...args.slice(4), '--force', '--split'])).code, 2);
  });
});
