/** `deepcode fairness report` with a small random network. Its numbers are tested in test/parity/fairness. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FairnessReport } from '../../ts/fairness/index.js';
import { FIGURES_READING } from '../../ts/fairness/report/wording.js';
import { jsonLines, runCli } from '../support/cli.js';
import { writeRandomVit } from '../support/random-vit.js';
import { runHere } from '../support/run-here.js';
import { sharedPath } from '../support/shared.js';
import { parseXml } from '../support/well-formed-xml.js';

const SAMPLES = join(__dirname, '..', 'data', 'samples');

describe('deepcode fairness report', () => {
  let folder: string;
  let model: string[];
  let data: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-fairness-'));
    model = ['--model', writeRandomVit(join(folder, 'vit'), { imageSize: 64 }), '--device', 'cpu'];
    data = join(folder, 'people');
    mkdirSync(data);
    const images = readdirSync(SAMPLES).filter((name) => name.endsWith('.jpg'));
    const rows = images.map((name, i) => {
      copyFileSync(join(SAMPLES, name), join(data, name));
      return `${name},${name.split('-')[0]},${i % 2 ? 'male' : 'female'},${i % 3 ? 'asian' : 'white'},${i < 9 ? 10 * i : ''},test,p${i % 4}`;
    });
    writeFileSync(join(data, 'labels.csv'), ['path,label,gender,race,age,split,identity', ...rows, `${images[0]},real,male,asian,40,train,p1`].join('\n'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const given = (...args: string[]): string[] => ['fairness', 'report', '--data', data, '--resamples', '100', ...args, ...model];
  const run = (...args: string[]): ReturnType<typeof runHere> => runHere(given(...args));

  it('prints one JSON object with every group, intersection and figure, as a process', async () => {
    const { code, stdout } = await runCli(given('--json', '--min-group', '2', '--age-bins', '20,60'));
    const [report] = jsonLines(stdout) as unknown as FairnessReport[];
    assert.deepEqual([report!.data, report!.count, report!.real, report!.fake], ['people/test', 11, 6, 5]);
    assert.deepEqual(
      report!.families.map(({ name, groups }) => [name, groups.map(({ group, count }) => `${group} ${count}`)]).slice(0, 3),
      [
        ['gender', ['female 6', 'male 5']],
        ['race', ['asian 7', 'white 4']],
        ['age', ['0-19 2', '20-59 4', '60+ 3']],
      ],
    );
    assert.equal(report!.families[3]!.name, 'gender x race x age');
    assert.deepEqual([report!.families[2]!.unknown, report!.families[3]!.unknown], [2, 2]);
    assert.equal(report!.bootstrap.drawn, 'persons');
    assert.ok(report!.notes.some((note) => /^Intervals draw whole persons, .*: 11 images show \d persons in real ones and \d persons in fakes; an image/.test(note)), report!.notes.join('\n'));
    assert.ok(report!.notes.some((note) => /^1 persons are in both train and test/.test(note)), report!.notes.join('\n'));
    assert.equal(code, 0);
  });

  it('prints tables, and writes JSON, Markdown and one page of charts', async () => {
    const out = join(folder, 'deep', 'out');
    const { code, stdout, stderr } = await run('--groups', 'gender,race', '--threshold', 'fpr:0.34', '--min-group', '2', '--out', out);
    assert.match(stdout, /^Threshold: the same for all, at an overall FPR of at most 0\.34 \(the model's own is 0\.500\)$/m);
    assert.match(stdout, /^group\s+real\s+fake\s+threshold\s+accuracy\s+AUC\s+TPR\s+FPR$/m);
    assert.match(stdout, /^female, white\s+\d\s+\d/m);
    assert.match(stdout, /^F_FPR \(sum\)\s+\d\.\d{3} \[/m);
    assert.match(stdout, /^- The threshold was chosen on these very images/m);
    assert.match(stderr, /Wrote .*fairness\.html/);
    for (const text of [stdout, ...['fairness.html', 'fairness.json', 'fairness.md'].map((name) => readFileSync(join(out, name), 'utf8'))]) {
      assert.ok(text.includes(FIGURES_READING), text);
    }
    assert.deepEqual(readdirSync(out).sort(), ['fairness.html', 'fairness.json', 'fairness.md']);
    const html = readFileSync(join(out, 'fairness.html'), 'utf8');
    assert.ok(parseXml(html.slice(html.indexOf('\n') + 1)).some(({ name }) => name === 'svg'));
    const written = JSON.parse(readFileSync(join(out, 'fairness.json'), 'utf8')) as FairnessReport;
    assert.deepEqual(written.threshold.rule, { kind: 'overall-fpr', fpr: 0.34 });
    assert.equal(written.overall.fpr!.value, 2 / 6);
    assert.equal(code, 0);
  });

  it('reports images that cannot be read and goes on, exit 1', async () => {
    const bad = join(folder, 'bad.csv');
    const row = (name: string): string => `${join(data, name)},real,male`;
    writeFileSync(join(data, 'broken.jpg'), 'no image');
    writeFileSync(bad, ['path,label,gender', row('real-london-1.jpg'), row('broken.jpg'), row('real-london-2.jpg')].join('\n'));
    const { code, stdout, stderr } = await runHere(['fairness', 'report', '--data', bad, '--json', ...model]);
    const [report] = jsonLines(stdout) as unknown as FairnessReport[];
    assert.equal(report!.count, 2);
    assert.match(stderr, /broken\.jpg: Cannot decode/);
    assert.equal(code, 1);
  });

  it('names what was wrong with the cells where all of them were refused', async () => {
    const contrary = join(folder, 'contrary.csv');
    const rows = ['real-london-1.jpg', 'real-london-2.jpg'].map((name) => `${join(data, name)},0,-1,1,-1,-1,5`);
    writeFileSync(contrary, ['img_path,label,ismale,isasian,iswhite,isblack,intersec_label', ...rows].join('\n'));
    const { code, stderr } = await runHere(['fairness', 'report', '--data', contrary, ...model]);
    assert.match(stderr, /Nothing is known of who is shown\. .*2 rows \(first .*\): intersec_label and the columns ismale.*contradict.*\[ERR_DATASET\]/);
    assert.doesNotMatch(stderr, /no column/);
    assert.equal(code, 1);
  });

  for (const [args, message, exit] of [
    [['--groups', 'height'], /Expected different ones of gender, race, age, skin-tone/, 2],
    [['--threshold', 'half'], /Expected model, a score from 0 to 1/, 2],
    [['--age-bins', 'x'], /ascending ages such as 18,30,45,60/, 2],
    [['--min-group', '0'], /for --min-group but received 0/, 2],
    [['--split', 'valid'], /has no valid split; it has train, test/, 2],
    [['--groups', 'skin-tone'], /does not say the skin-tone of anyone.*\[ERR_DATASET\]/, 1],
    [['--label', 'real'], /a label is for a table with paths and without labels.*\[ERR_DATASET\]/, 1],
    [['--out', join(SAMPLES, 'CREDITS.md')], /Cannot write .*\[ERR_IO\]/, 1],
  ] as const) {
    it(`refuses ${args[0]} ${args[1].split('/').at(-1)} with exit code ${exit}`, async () => {
      const { code, stderr } = await run(...args);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /^\s+at /m);
      assert.equal(code, exit);
    });
  }

  it('needs data, and the group of commands a command', async () => {
    const [missing, alone, help] = await Promise.all([
      runHere(['fairness', 'report']),
      runHere(['fairness']),
      runHere(['fairness', 'report', '--help']),
    ]);
    assert.match(missing.stderr, /--data must be given/);
    assert.match(alone.stderr, /report \[options\]/);
    assert.deepEqual([missing.code, alone.code, help.code], [2, 2, 0]);
    assert.match(help.stdout, /--min-group <N>.*default 30/s);
  });

  it('reports real faces with demographics (UTKFace): FPR, and what cannot be computed', async function () {
    const utkface = sharedPath('data/utkface');
    if (utkface === undefined) this.skip();
    const lines = readFileSync(join(utkface, 'labels.csv'), 'utf8').split(/\r?\n/);
    const chosen = lines.slice(1).filter((line) => line.endsWith(',valid')).slice(0, 150);
    const table = join(folder, 'utkface.csv');
    writeFileSync(table, [lines[0], ...chosen.map((line) => join(utkface, line))].join('\n'));
    const { code, stdout, stderr } = await runHere(['fairness', 'report', '--data', table, '--label', 'real', '--split', 'valid', '--min-group', '10', '--resamples', '100', '--json', ...model]);
    assert.equal(code, 0, stderr);
    const [report] = jsonLines(stdout) as unknown as FairnessReport[];
    assert.deepEqual([report!.count, report!.real, report!.fake], [150, 150, 0]);
    assert.deepEqual(report!.families.map(({ name }) => name), ['gender', 'race', 'age', 'gender x race x age']);
    assert.deepEqual(report!.families[1]!.groups.map(({ group }) => group), ['asian', 'black', 'indian', 'others', 'white']);
    for (const { figures } of report!.families.slice(0, 3)) {
      assert.ok(figures.fprGap.estimate !== null && figures.fprSum.estimate !== null);
      assert.equal(figures.maxEqualizedOdds.reason, 'there are no fake images');
    }
    assert.match(report!.notes[0]!, /^There are no fake images: AUC, TPR and the figures made of them/);
    assert.ok(report!.notes.some((note) => /^gender x race x age: too small to judge by accuracy and FPR/.test(note)));
  });
});
