import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Dataset, DatasetOptions } from '../../../ts/data/datasets/dataset.js';
import { openDataset } from '../../../ts/data/datasets/open-dataset.js';
import { DeepcodeError } from '../../../ts/errors.js';

let root: string;

function write(...files: string[]): void {
  for (const file of files) writeText(file, '');
}

function writeText(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

const open = (path = '.', options: DatasetOptions = {}): Promise<Dataset> => openDataset(join(root, path), options);

const brief = ({ samples }: Dataset): unknown[] =>
  samples.map(({ name, label, source, split }) => [name, label, source, split]);

const fails = (path: string, pattern: RegExp, options: DatasetOptions = {}, code = 'ERR_DATASET'): Promise<void> =>
  assert.rejects(open(path, options), (error: unknown) => {
    assert.ok(error instanceof DeepcodeError);
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    assert.ok(error.message.length <= 300);
    return true;
  });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'deepcode-datasets-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('openDataset: folders', () => {
  it('reads real/ and fake/ in a fixed order, with sources from name prefixes and sub-folders', async () => {
    write('real/ffhq_10.jpg', 'real/ffhq_9.jpg', 'real/alice.PNG', 'fake/gan2/a/x.webp', 'fake/gan2/1.jpeg');
    write('fake/notes.txt', 'real/.hidden.jpg', '.git/config', '__MACOSX/real/x.jpg');
    const dataset = await open();
    assert.equal(dataset.layout, 'folders');
    assert.deepEqual(dataset.splits, []);
    assert.deepEqual(brief(dataset), [
      ['fake/gan2/1.jpeg', 1, 'gan2', null],
      ['fake/gan2/a/x.webp', 1, 'gan2', null],
      ['real/alice.PNG', 0, 'real', null],
      ['real/ffhq_10.jpg', 0, 'ffhq', null],
      ['real/ffhq_9.jpg', 0, 'ffhq', null],
    ]);
    assert.equal(dataset.samples[0]!.path, join(root, 'fake/gan2/1.jpeg'));
  });

  it('reads splits above the classes, by any of their names', async () => {
    write('train/real/a_1.jpg', 'val/Fake/b_1.jpg', 'test/real/c_1.jpg', 'test/fake/stylegan2_0001.jpg');
    const dataset = await open();
    assert.deepEqual(dataset.splits, ['train', 'valid', 'test']);
    assert.deepEqual(brief(dataset), [
      ['test/fake/stylegan2_0001.jpg', 1, 'stylegan2', 'test'],
      ['test/real/c_1.jpg', 0, 'c', 'test'],
      ['train/real/a_1.jpg', 0, 'a', 'train'],
      ['val/Fake/b_1.jpg', 1, 'b', 'valid'],
    ]);
    assert.equal((await open('.', { split: 'test' })).samples.length, 2);
  });

  it('takes a set with one class', async () => {
    write('fake/a.jpg');
    assert.deepEqual(brief(await open()), [['fake/a.jpg', 1, 'fake', null]]);
  });

  it('leaves out a data set of its own beside the splits, and says so', async () => {
    write('train/real/a.jpg', 'train/fake/a.jpg', 'extra/real/b.jpg');
    const dataset = await open();
    assert.equal(dataset.samples.length, 2);
    assert.deepEqual(dataset.skipped.map(({ where }) => where), ['extra']);
  });

  it('never guesses a label', async () => {
    write('real/a.jpg', 'fakes/b.jpg');
    await fails('.', /expected only real\/ and fake\/ but found fakes\//);
  });

  it('lists what was expected where nothing is understood', async () => {
    write('cats/a.jpg');
    await fails('.', /expected real\/ and fake\/, or train\/.*found cats\//);
    write('train/dogs/a.jpg');
    await fails('train', /expected real\/ and fake\//);
    await fails('.', /found/);
  });

  it('refuses an empty set, a missing one, and a split that is not there', async () => {
    mkdirSync(join(root, 'real'));
    await fails('.', /no JPEG, PNG or WebP images/);
    await fails('nowhere', /there is no such file or folder/, {}, 'ERR_IO');
    write('real/a.jpg');
    await fails('.', /no test split, only images that are not split/, { split: 'test' });
  });
});

describe('openDataset: CSV', () => {
  it('takes the class of Kaggle\'s 140k faces from label_str', async () => {
    const header = ',original_path,id,label,label_str,path\n';
    writeText('train.csv', `${header}0,/kaggle/x/31355.jpg,31355,1,real,train/real/31355.jpg\n`);
    writeText('valid.csv', `${header}0,/kaggle/y/7.jpg,7,0,fake,valid/fake/7.jpg\n`);
    write('real_vs_fake/real-vs-fake/train/real/31355.jpg', 'real_vs_fake/real-vs-fake/valid/fake/7.jpg');
    const dataset = await open();
    assert.equal(dataset.layout, 'kaggle-140k');
    assert.deepEqual(brief(dataset), [
      ['train/real/31355.jpg', 0, 'real', 'train'],
      ['valid/fake/7.jpg', 1, 'fake', 'valid'],
    ]);
    assert.equal(dataset.samples[0]!.path, join(root, 'real_vs_fake/real-vs-fake/train/real/31355.jpg'));
    assert.equal(dataset.samples[0]!.columns['label'], '1');
  });

  it('opens the images of Kaggle\'s set without its tables', async () => {
    write('real_vs_fake/real-vs-fake/train/real/1.jpg', 'real_vs_fake/real-vs-fake/train/fake/2.jpg');
    assert.equal((await open()).samples.length, 2);
  });

  it('does not read Kaggle\'s numbers without the words', async () => {
    writeText('t.csv', 'original_path,id,label,path\n/x,1,1,a.jpg\n');
    await fails('t.csv', /expected columns/);
  });

  it('reads path,label with words or 0 and 1, quotes, a BOM, and the columns split and source', async () => {
    write('a b.jpg', 'x_1.jpg', 'x_2.jpg', 'x_3.jpg');
    const rows = ['"a b.jpg",REAL,train,phone', 'x_1.jpg,1,val,', 'x_2.jpg,0,test,', 'x_3.jpg,fake,test,gan'];
    writeText('list.csv', `\ufeffpath,label,split,source\r\n${rows.join('\r\n')}\r\n`);
    assert.deepEqual(brief(await open('list.csv')), [
      ['a b.jpg', 0, 'phone', 'train'],
      ['x_1.jpg', 1, 'x', 'valid'],
      ['x_2.jpg', 0, 'x', 'test'],
      ['x_3.jpg', 1, 'gan', 'test'],
    ]);
  });

  it('tells once of rows without a split in a table that is split', async () => {
    write('a.jpg', 'b.jpg', 'c.jpg');
    writeText('t.csv', 'path,label,split\na.jpg,real,train\nb.jpg,fake,\nc.jpg,real,\n');
    const dataset = await open('t.csv', { maxSkipped: 0 });
    const reason = '2 rows have no split and are in no part, this one first';
    assert.deepEqual([dataset.samples.length, dataset.skipped], [3, [{ where: 't.csv:3', reason }]]);
    writeText('whole.csv', 'path,label,split\na.jpg,real,\nb.jpg,fake,\n');
    assert.deepEqual((await open('whole.csv')).skipped, []);
  });

  it('reads the demographic tables and keeps their columns', async () => {
    write('f/1.png', 'f/2.png');
    writeText('a.csv', 'img_path,label,ismale,isasian,iswhite,isblack,intersec_label\nf/1.png,1,1,0,1,0,2\n');
    writeText('b.csv', 'Image Path,Ground Truth Gender,Intersection,Target\nf/2.png,0,3,0\n');
    const [first, second] = [await open('a.csv'), await open('b.csv')];
    assert.equal(first.layout, 'demographic-csv');
    assert.deepEqual(first.samples.map(({ label, columns }) => [label, columns['ismale']]), [[1, '1']]);
    assert.deepEqual(second.samples.map(({ label, columns }) => [label, columns['Intersection']]), [[0, '3']]);
  });

  it('starts relative paths from the folder that is asked for', async () => {
    write('images-elsewhere/a.jpg');
    writeText('tables/t.csv', 'path,label\na.jpg,real\n');
    const dataset = await open('tables/t.csv', { root: join(root, 'images-elsewhere') });
    assert.equal(dataset.samples[0]!.path, join(root, 'images-elsewhere/a.jpg'));
  });

  it('skips bad rows with file and line, up to the limit', async () => {
    write('a.jpg', 'fake/b.jpg');
    const bad = ['missing.jpg,real', 'a.jpg,maybe', ',real', 'fake/b.jpg,real'];
    writeText('t.csv', ['path,label', 'a.jpg,real', ...bad].join('\n'));
    const dataset = await open('t.csv');
    assert.equal(dataset.samples.length, 1);
    assert.deepEqual(dataset.skipped, [
      { where: 't.csv:3', reason: 'names a file that does not exist: missing.jpg' },
      { where: 't.csv:4', reason: 'has a label that is neither real nor fake' },
      { where: 't.csv:5', reason: 'has no path' },
      { where: 't.csv:6', reason: 'says real but lies in fake/' },
    ]);
    await fails('t.csv', /more than 2 entries are bad/, { maxSkipped: 2 });
  });

  it('skips a row with damaged quotes', async () => {
    write('a.jpg');
    writeText('t.csv', 'path,label\na.jpg,real\na"b.jpg,real\n');
    const dataset = await open('t.csv');
    assert.equal(dataset.samples.length, 1);
    assert.ok(dataset.skipped.every(({ where }) => where === 't.csv:3'));
    assert.ok(dataset.skipped.length > 0);
  });

  it('refuses a table without labels', async () => {
    writeText('labels.csv', 'path,age,gender\na.jpg,3,male\n');
    await fails('labels.csv', /expected columns path,label_str or .* but found path,age,gender/);
  });
});

describe('openDataset: DeepfakeBench', () => {
  const video = (label: string, ...frames: string[]): object => ({ label, frames });

  it('reads splits, compression levels, labels and Windows paths', async () => {
    write('ff/real/0.png', 'ff/fake/0.png', 'ff/fake/1.png', 'ff/c40/0.png');
    const content = {
      'FF-DF': {
        'FF-real': { train: { c23: { '001': video('FF-real', 'ff\\real\\0.png') }, c40: {} }, val: {}, test: {} },
        'FF-DF': {
          train: { c23: {}, c40: { '002': video('FF-DF', 'ff/c40/0.png') } },
          test: { c23: { '003': video('FF-DF', 'ff/fake/0.png', 'ff/fake/1.png', 'ff/fake/none.png') } },
        },
      },
    };
    writeText('FF-DF.json', JSON.stringify(content));
    const dataset = await open('FF-DF.json');
    assert.equal(dataset.layout, 'deepfake-bench');
    assert.deepEqual(brief(dataset), [
      ['ff/real/0.png', 0, 'FF-real', 'train'],
      ['ff/fake/0.png', 1, 'FF-DF', 'test'],
      ['ff/fake/1.png', 1, 'FF-DF', 'test'],
    ]);
    assert.equal(dataset.skipped.length, 1);
    assert.deepEqual(brief(await open('FF-DF.json', { compression: 'c40' })), [['ff/c40/0.png', 1, 'FF-DF', 'train']]);
  });

  it('reads sets without compression levels and refuses labels it does not know', async () => {
    write('a.png');
    const set = (label: string): string =>
      JSON.stringify({ 'Celeb-DF-v2': { [label]: { test: { id0: video(label, 'a.png') } } } });
    writeText('c.json', set('CelebDFv2_real'));
    assert.deepEqual(brief(await open('c.json')), [['a.png', 0, 'CelebDFv2_real', 'test']]);
    writeText('d.json', set('Unknown-method'));
    await fails('d.json', /the label Unknown-method is neither real nor fake/);
  });

  it('refuses other JSON', async () => {
    writeText('x.json', '{"a": [1]}');
    await fails('x.json', /expected the dataset JSON of DeepfakeBench/);
    writeText('y.json', '{');
    await fails('y.json', /JSON is damaged/);
  });
});

describe('openDataset: arguments', () => {
  it('throws at once for wrong ones', () => {
    assert.throws(() => openDataset(''), TypeError);
    assert.throws(() => openDataset('x', { split: 'dev' as 'test' }), TypeError);
    assert.throws(() => openDataset('x', { maxSkipped: -1 }), RangeError);
  });
});

describe('openDataset: signal', () => {
  const bench = { set: { fake: { test: { v: { label: 'fake', frames: ['fake/a_1.jpg'] } } } } };
  const LAYOUTS = [
    ['folders', '.', ''],
    ['a table', 'list.csv', 'path,label\nfake/a_1.jpg,fake\n'],
    ['the JSON of DeepfakeBench', 'list.json', JSON.stringify(bench)],
  ] as const;

  for (const [what, path, text] of LAYOUTS) {
    it(`ends the listing of ${what} that has begun, and only then`, async () => {
      write('real/a_1.jpg', 'fake/a_1.jpg');
      if (text !== '') writeText(path, text);
      assert.ok((await open(path, { signal: new AbortController().signal })).samples.length > 0);
      // Aborted from its second look on: the first is before anything is read.
      const { signal } = new AbortController();
      let looks = 0;
      Object.defineProperty(signal, 'aborted', { get: () => (looks += 1) > 1 });
      await assert.rejects(open(path, { signal }), { name: 'AbortError', code: 'ABORT_ERR' });
      assert.equal(looks, 2);
      await assert.rejects(open(path, { signal: AbortSignal.abort() }), { name: 'AbortError' });
    });
  }
});
