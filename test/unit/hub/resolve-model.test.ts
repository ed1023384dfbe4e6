import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pullModel, resolveModel } from '../../../ts/hub/index.js';
import * as support from '../../support/hub-case.js';
import { gitOid, sha256 } from '../../support/hub-server.js';

describe('resolveModel()', () => {
  let test: support.HubCase;
  beforeEach(async () => {
    test = await support.openCase();
  });
  afterEach(() => support.closeCase(test));

  const root = (): string => join(test.cacheDir, 'models--org--model');

  it('downloads into the layout of the Hugging Face cache', async () => {
    const folder = await resolveModel('org/model', test.options);
    assert.equal(folder, join(root(), 'snapshots', test.hub.commit));
    assert.equal(readFileSync(join(root(), 'refs', 'main'), 'utf8'), test.hub.commit);
    assert.equal(readFileSync(join(folder, 'config.json'), 'utf8'), support.CONFIG);
    support.assertWeights(folder);
    assert.equal(
      readlinkSync(join(folder, 'model.safetensors')),
      join('..', '..', 'blobs', sha256(support.WEIGHTS)),
    );
    assert.equal(
      readlinkSync(join(folder, 'config.json')),
      join('..', '..', 'blobs', gitOid(Buffer.from(support.CONFIG))),
    );
    assert.equal(
      readlinkSync(join(folder, 'sub', 'a.txt')),
      join('..', '..', '..', 'blobs', gitOid(Buffer.from('a'))),
    );
    support.assertNoTemporaryFiles(test.cacheDir);
  });

  it('fetches weights, JSON and text only, unless told otherwise', async () => {
    const plain = await pullModel('org/model', test.options);
    assert.deepEqual(plain.files, ['config.json', 'model.safetensors', 'sub/a.txt']);
    assert.throws(() => pullModel('org/model', { ...test.options, files: ['run.py'] }), TypeError);
    const code = await pullModel('org/model', {
      ...test.options,
      files: ['run.py'],
      extensions: ['.py'],
    });
    assert.deepEqual(code.files, ['run.py']);
  });

  it('takes names, patterns and optional files', async () => {
    const pull = async (options: object) =>
      (await pullModel('org/model', { ...test.options, ...options })).files;
    assert.deepEqual(await pull({ files: ['config.json'] }), ['config.json']);
    assert.deepEqual(await pull({ files: ['*.safetensors'] }), ['model.safetensors']);
    assert.deepEqual(await pull({ files: ['**/*.txt'] }), ['sub/a.txt']);
    assert.deepEqual(
      await pull({
        files: ['*.txt', 'config.json'].slice(1),
        optionalFiles: ['none.json', 'sub/*'],
      }),
      ['config.json', 'sub/a.txt'],
    );
    await support.rejectsTyped(pull({ files: ['*.txt'] }), 'ERR_NETWORK', /no \*\.txt/);
    await support.rejectsTyped(pull({ files: ['vocab.json'] }), 'ERR_NETWORK', /no vocab\.json/);
  });

  it('asks again for a branch but downloads nothing twice', async () => {
    await resolveModel('org/model', test.options);
    const before = test.hub.requests.length;
    await resolveModel('org/model', test.options);
    assert.deepEqual(
      test.hub.requests.slice(before).map((r) => r.path),
      ['/api/models/org/model/revision/main?blobs=true'],
    );
  });

  it('a pinned commit and plain names need no request at all', async () => {
    const pinned = {
      ...test.options,
      revision: test.hub.commit,
      files: ['config.json', 'model.safetensors'],
    };
    await resolveModel('org/model', pinned);
    const before = test.hub.requests.length;
    support.assertWeights(await resolveModel('org/model', pinned));
    assert.equal(test.hub.requests.length, before);
  });

  it('a branch that moved is followed, and shares blobs with the old commit', async () => {
    const old = await resolveModel('org/model', test.options);
    test.hub.commit = 'b'.repeat(40);
    test.hub.files.set('config.json', Buffer.from('{}'));
    const fresh = await resolveModel('org/model', test.options);
    assert.equal(readFileSync(join(fresh, 'config.json'), 'utf8'), '{}');
    assert.equal(readFileSync(join(old, 'config.json'), 'utf8'), support.CONFIG);
    assert.equal(test.hub.storageRequests.length, 1);
  });

  it('a damaged cached file is noticed and fetched again', async () => {
    const pinned = { ...test.options, revision: test.hub.commit, files: ['model.safetensors'] };
    const folder = await resolveModel('org/model', pinned);
    const blob = join(root(), 'blobs', sha256(support.WEIGHTS));
    for (const damage of [
      Buffer.alloc(support.WEIGHTS.length),
      support.WEIGHTS.subarray(0, 99),
      Buffer.alloc(0),
    ]) {
      writeFileSync(blob, damage);
      assert.equal(await resolveModel('org/model', pinned), folder);
      support.assertWeights(folder);
    }
  });

  it('accepts copies in place of links, as Python leaves where there are none', async () => {
    const folder = join(root(), 'snapshots', test.hub.commit);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'model.safetensors'), support.WEIGHTS);
    await resolveModel('org/model', { ...test.options, files: ['model.safetensors'] });
    assert.equal(test.hub.storageRequests.length, 0);
    assert.ok(lstatSync(join(folder, 'model.safetensors')).isFile());
  });

  it('holds a file to the hash that the caller pinned', async () => {
    const files = (hash: string) => [{ path: 'model.safetensors', sha256: hash }];
    const config = { path: 'config.json', sha256: sha256(Buffer.from(support.CONFIG)) };
    await resolveModel('org/model', {
      ...test.options,
      files: [...files(sha256(support.WEIGHTS)), config],
    });
    const wrong = { ...test.options, files: files('0'.repeat(64)) };
    await support.rejectsTyped(resolveModel('org/model', wrong), 'ERR_CHECKSUM', /pinned/);
    const small = { ...test.options, files: [{ ...config, sha256: '1'.repeat(64) }] };
    await support.rejectsTyped(resolveModel('org/model', small), 'ERR_CHECKSUM', /config\.json/);
  });

  it('reports progress up to the size of every file', async () => {
    const last = new Map<string, [number, number]>();
    await resolveModel('org/model', {
      ...test.options,
      onProgress: (p) => last.set(p.file, [p.received, p.size]),
    });
    assert.deepEqual(last.get('model.safetensors'), [300_000, 300_000]);
    assert.deepEqual(last.get('config.json'), [support.CONFIG.length, support.CONFIG.length]);
  });

  it('an empty file is a file', async () => {
    test.hub.files.set('merges.txt', Buffer.alloc(0));
    const folder = await resolveModel('org/model', { ...test.options, files: ['merges.txt'] });
    assert.equal(readFileSync(join(folder, 'merges.txt')).length, 0);
  });
});

describe('resolveModel() of a local folder', () => {
  let test: support.HubCase;
  beforeEach(async () => {
    test = await support.openCase();
    writeFileSync(join(test.cacheDir, 'config.json'), support.CONFIG);
  });
  afterEach(() => support.closeCase(test));

  it('is the folder itself, without a request', async () => {
    assert.equal(await resolveModel(test.cacheDir, test.options), test.cacheDir);
    const { commit, files } = await pullModel(test.cacheDir, {
      ...test.options,
      files: ['*.json'],
    });
    assert.deepEqual([commit, files], [null, ['config.json']]);
    assert.equal(test.hub.requests.length, 0);
  });

  it('names what is missing or differs', async () => {
    const missing = resolveModel(test.cacheDir, { files: ['model.safetensors'] });
    await support.rejectsTyped(missing, 'ERR_IO', /no model\.safetensors/);
    const files = [{ path: 'config.json', sha256: '0'.repeat(64) }];
    await support.rejectsTyped(
      resolveModel(test.cacheDir, { files }),
      'ERR_CHECKSUM',
      /config\.json/,
    );
  });

  it('a folder that is not there is ERR_IO, not a request', async () => {
    for (const id of ['./none', '/none/at/all', '../x', 'a/b/c', 'a b', 'x--y', '.hidden/x']) {
      await support.rejectsTyped(
        resolveModel(id, test.options),
        'ERR_IO',
        /no folder and no hub id/,
      );
    }
    assert.equal(test.hub.requests.length, 0);
  });
});

describe('resolveModel() options', () => {
  it('wrong ones throw at once', () => {
    const wrong: [object, typeof TypeError | typeof RangeError][] = [
      [{ revision: '../main' }, TypeError],
      [{ revision: 'a//b' }, TypeError],
      [{ revision: '' }, TypeError],
      [{ files: ['../x.json'] }, TypeError],
      [{ files: ['/etc/x.json'] }, TypeError],
      [{ files: ['a\\b.json'] }, TypeError],
      [{ files: 'config.json' }, TypeError],
      [{ files: [{ path: 'a.json', sha256: 'abc' }] }, TypeError],
      [{ files: ['model.bin'] }, TypeError],
      [{ extensions: ['safetensors'] }, TypeError],
      [{ timeout: 0 }, RangeError],
      [{ retries: -1 }, RangeError],
      [{ retryDelay: 0.5 }, RangeError],
    ];
    for (const [options, type] of wrong) {
      assert.throws(() => resolveModel('org/model', options), type, JSON.stringify(options));
    }
    for (const id of ['', 7, null, undefined])
      assert.throws(() => resolveModel(id as string), TypeError);
  });
});
