import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { digestFiles } from '../../../ts/weights/digest-files.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

describe('digestFiles', () => {
  const at = useTemporaryFolder();

  it('is SHA-256 over the files, one after the other', async () => {
    writeFileSync(at('a'), 'one');
    writeFileSync(at('b'), 'two');
    assert.equal(await digestFiles([at('a'), at('b')], 'It'), createHash('sha256').update('onetwo').digest('hex'));
  });

  it('stops where it is when aborted', async () => {
    writeFileSync(at('large'), Buffer.alloc(8 * 2 ** 20));
    const controller = new AbortController();
    const digest = digestFiles([at('large'), at('absent')], 'It', controller.signal);
    controller.abort();
    await assert.rejects(digest, { code: 'ABORT_ERR' });
  });

  it('names what cannot be read', async () => {
    await assert.rejects(digestFiles([at('absent')], 'The model'), { code: 'ERR_IO', message: 'The model cannot be read (ENOENT).' });
  });
});
