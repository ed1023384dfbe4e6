import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { csvLine } from '../../ts/cli/csv.js';
import { parseUnsure } from '../../ts/cli/detector-flags.js';
import { openPictureFiles, pictureNames } from '../../ts/cli/picture-files.js';
import { durationText, Pace } from '../../ts/cli/progress-text.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

describe('csvLine', () => {
  it('quotes what RFC 4180 wants quoted', () => {
    assert.equal(
      csvLine(['a', 1.5, 'b,c', 'say "x"', 'two\nlines', '']),
      'a,1.5,"b,c","say ""x""","two\nlines",',
    );
  });
});

describe('durationText', () => {
  it('chooses its units', () => {
    assert.deepEqual([0.2, 59.4, 60, 3599, 3600, 7500].map(durationText), [
      '0 s',
      '59 s',
      '1 min 0 s',
      '59 min 59 s',
      '1 h 0 min',
      '2 h 5 min',
    ]);
  });
});

describe('Pace#step', () => {
  it('counts', () => {
    const pace = new Pace(2);
    assert.match(pace.step(), /^1\/2 images, [\d.]+\/s, \d+ s left$/);
    assert.match(pace.step(), /^2\/2 images, [\d.]+\/s, 0 s left$/);
  });
});

describe('parseUnsure', () => {
  it('reads LOW:HIGH', () => {
    assert.deepEqual(parseUnsure('0.4:0.6'), { from: 0.4, to: 0.6 });
    assert.deepEqual(parseUnsure('.5:1'), { from: 0.5, to: 1 });
    assert.equal(parseUnsure(undefined), undefined);
  });

  for (const wrong of ['', '0.5', '0.6:0.4', '0:2', 'a:b', '-1:0.5', '0.1:0.2:0.3', '0x1:1']) {
    it(`refuses ${JSON.stringify(wrong)}`, () =>
      assert.throws(() => parseUnsure(wrong), { name: 'UsageError' }));
  }
});

describe('pictureNames', () => {
  it('gives each image a name of its own', () => {
    const names = pictureNames('maps', ['a/x.jpg', 'b/x.png', 'x-2.jpg', '-'], 'heatmap');
    assert.deepEqual(
      [...names.values()],
      [
        'maps/x.heatmap.png',
        'maps/x-2.heatmap.png',
        'maps/x-2-2.heatmap.png',
        'maps/stdin.heatmap.png',
      ],
    );
  });
});

describe('openPictureFiles', () => {
  const at = useTemporaryFolder();

  it('refuses to replace a file unless forced', async () => {
    const files = await openPictureFiles(at('maps'), ['a.jpg'], { kind: 'heatmap', force: false });
    await files.write('a.jpg', Buffer.from('1'));
    await assert.rejects(openPictureFiles(at('maps'), ['a.jpg'], { kind: 'heatmap', force: false }), {
      name: 'UsageError',
      message: /--force/,
    });
    await assert.rejects(files.write('a.jpg', Buffer.from('2')), { code: 'ERR_IO' });
    await (await openPictureFiles(at('maps'), ['a.jpg'], { kind: 'heatmap', force: true })).write('a.jpg', Buffer.from('3'));
  });

  it('says why it cannot write', async () => {
    writeFileSync(at('file'), '');
    await assert.rejects(openPictureFiles(at('file'), ['a.jpg'], { kind: 'heatmap', force: false }), { code: 'ERR_IO' });
  });
});
