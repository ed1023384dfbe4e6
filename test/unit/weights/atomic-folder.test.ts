import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writeAtomicFile, writeAtomicFolder, type SaveStage } from '../../../ts/weights/atomic-folder.js';
import { isCompleteFolder, verifyFolder } from '../../../ts/weights/folder-manifest.js';
import { removeLeftovers } from '../../../ts/weights/leftovers.js';
import { killedSave } from '../../support/killed-save.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const ALIVE = new RegExp(`-${process.pid}-`);

describe('writeAtomicFolder', () => {
  const at = useTemporaryFolder();

  const save = (content: string): Promise<void> =>
    writeAtomicFolder(at('state'), async (folder) => {
      mkdirSync(join(folder, 'deep'));
      await writeFile(join(folder, 'a.txt'), content);
      await writeFile(join(folder, 'deep', 'b.txt'), content.repeat(1000));
    });
  const saved = (): string => readFileSync(at('state', 'a.txt'), 'utf8');

  it('writes a folder whose manifest lists every file with its size and hash', async () => {
    await save('x');
    const manifest = JSON.parse(readFileSync(at('state', 'manifest.json'), 'utf8')) as { files: object };
    assert.deepEqual(manifest.files, {
      'a.txt': { size: 1, sha256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' },
      'deep/b.txt': { size: 1000, sha256: '44f8354494a5ba03ba1792a8d3e9c534c47a9181980fde7a3f44b06ef2ae7c7f' },
    });
    await verifyFolder(at('state'));
  });

  it('replaces the old folder and leaves nothing else', async () => {
    await save('old');
    await save('new');
    assert.equal(saved(), 'new');
    assert.deepEqual(readdirSync(at()), ['state']);
  });

  it('tells its stages in order', async () => {
    const stages: SaveStage[] = [];
    await writeAtomicFolder(at('state'), async () => {}, (stage) => stages.push(stage));
    assert.deepEqual(stages, ['created', 'written', 'synced', 'replacing', 'renamed']);
  });

  it('keeps the old folder when filling fails, and rejects with that error', async () => {
    await save('old');
    const failure = new Error('out of ideas');
    await assert.rejects(writeAtomicFolder(at('state'), () => Promise.reject(failure)), failure);
    assert.equal(saved(), 'old');
    assert.deepEqual(readdirSync(at()), ['state']);
  });

  it('refuses links in what was filled', async () => {
    const fill = async (folder: string): Promise<void> => symlinkSync('/etc/passwd', join(folder, 'link'));
    await assert.rejects(writeAtomicFolder(at('state'), fill), { code: 'ERR_IO', message: /link/ });
    assert.deepEqual(readdirSync(at()), []);
  });

  it('turns errors of the file system into ERR_IO', async () => {
    writeFileSync(at('file'), '');
    const target = at('file', 'state');
    await assert.rejects(writeAtomicFolder(target, async () => {}), { name: 'DeepcodeError', code: 'ERR_IO' });
    const fill = (folder: string): Promise<void> => writeFile(join(folder, 'no', 'such', 'folder'), '');
    await assert.rejects(writeAtomicFolder(at('state'), fill), { name: 'DeepcodeError', code: 'ERR_IO' });
    assert.deepEqual(readdirSync(at()), ['file']);
  });

  for (const stage of ['created', 'amid', 'written', 'synced', 'replacing', 'renamed'] as const) {
    it(`killed at stage ${stage}: the next save finds the old or the new folder, whole`, async () => {
      await save('old');
      killedSave(at('state'), stage);
      await removeLeftovers(at());
      await verifyFolder(at('state'));
      assert.equal(saved(), stage === 'renamed' ? 'new' : 'old');
      assert.deepEqual(readdirSync(at()), ['state']);
      await save('next');
      assert.equal(saved(), 'next');
    });
  }
});

describe('verifyFolder', () => {
  const at = useTemporaryFolder();
  beforeEach(() =>
    writeAtomicFolder(at('state'), (folder) => writeFile(join(folder, 'a.txt'), 'content')),
  );

  const damages: Record<string, () => void> = {
    'a changed byte': () => writeFileSync(at('state', 'a.txt'), 'Content'),
    'a shorter file': () => writeFileSync(at('state', 'a.txt'), 'conten'),
    'a missing file': () => renameSync(at('state', 'a.txt'), at('elsewhere')),
    'a missing manifest': () => renameSync(at('state', 'manifest.json'), at('elsewhere')),
    'a cut manifest': () => writeFileSync(at('state', 'manifest.json'), '{"version":1,"files":{'),
    'another manifest': () => writeFileSync(at('state', 'manifest.json'), '[]'),
    'a manifest that leaves the folder': () =>
      writeFileSync(at('state', 'manifest.json'), '{"version":1,"files":{"../x":{"size":0,"sha256":""}}}'),
  };
  for (const [name, damage] of Object.entries(damages)) {
    it(`finds ${name}`, async () => {
      assert.equal(await isCompleteFolder(at('state')), true);
      damage();
      await assert.rejects(verifyFolder(at('state')), { code: 'ERR_CHECKSUM' });
      assert.equal(await isCompleteFolder(at('state')), false);
    });
  }

  it('tolerates further files', async () => {
    writeFileSync(at('state', 'notes.txt'), 'mine');
    assert.equal(await isCompleteFolder(at('state')), true);
  });
});

describe('writeAtomicFile', () => {
  const at = useTemporaryFolder();

  it('replaces a file and leaves nothing else', async () => {
    await writeAtomicFile(at('a.json'), 'old');
    await writeAtomicFile(at('a.json'), Buffer.from('new'));
    assert.equal(readFileSync(at('a.json'), 'utf8'), 'new');
    assert.deepEqual(readdirSync(at()), ['a.json']);
  });

  it('rejects with ERR_IO where the folder does not exist', async () => {
    await assert.rejects(writeAtomicFile(at('no', 'a.json'), ''), { code: 'ERR_IO', message: /Cannot write a\.json/ });
  });

  it('leaves the old file when the target cannot be replaced', async () => {
    mkdirSync(at('a.json', 'full'), { recursive: true });
    await assert.rejects(writeAtomicFile(at('a.json'), ''), { code: 'ERR_IO' });
    assert.deepEqual(readdirSync(at()), ['a.json']);
  });
});

describe('removeLeftovers', () => {
  const at = useTemporaryFolder();

  it('keeps what a living process is writing', async () => {
    await writeAtomicFolder(at('state'), async () => {
      await removeLeftovers(at());
      assert.match(readdirSync(at()).join(), ALIVE);
    });
  });

  it('puts back what a power cut left, however young: the machine has the same name after it, and another boot', async () => {
    const owner = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
    mkdirSync(at(`.state.old-${owner}-999999999-12345-0123abcd`));
    mkdirSync(at(`.state.new-${owner}-999999999-12345-0123abcd`));
    await removeLeftovers(at());
    assert.deepEqual(readdirSync(at()), ['state']);
  });

  it('removes what another host left more than a day ago, and nothing younger', async () => {
    const names = ['.a.new-00000000-1-1-00000000', '.b.new-00000000-1-1-00000000'];
    for (const name of names) mkdirSync(at(name));
    utimesSync(at(names[0]!), new Date(), new Date(Date.now() - 25 * 3_600_000));
    await removeLeftovers(at());
    assert.deepEqual(readdirSync(at()), [names[1]]);
  });

  it('keeps names of others', async () => {
    for (const name of ['.a.new', '.gitignore', 'a.new-00000000-1-1-00000000']) writeFileSync(at(name), '');
    await removeLeftovers(at());
    assert.equal(readdirSync(at()).length, 3);
  });

  it('does nothing where the folder is missing', async () => {
    await removeLeftovers(at('none'));
    assert.equal(existsSync(at('none')), false);
  });
});
