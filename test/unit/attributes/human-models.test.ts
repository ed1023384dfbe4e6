import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolvePackage, type AttributeModelOptions } from '../../../ts/attributes/human-models.js';
import type { NpmPackage } from '../../../ts/hub/npm-package.js';
import { readSafetensors } from '../../../ts/weights/safetensors.js';
import { rejectsTyped } from '../../support/hub-case.js';
import { attributeEntries, membersOf, packageOf, startRegistry, type FakeRegistry } from '../../support/npm-registry.js';
import { tarball } from '../../support/tar-writer.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

describe('resolveAttributeModels', () => {
  const at = useTemporaryFolder();
  const entries = attributeEntries();
  const wanted: NpmPackage = packageOf(tarball(entries), membersOf(entries));
  let registry: FakeRegistry;
  const resolve = (options: AttributeModelOptions = {}) =>
    resolvePackage(wanted, { registry: registry.address, cacheDir: at('cache'), offline: false, retries: 0, timeout: 20_000, ...options });

  beforeEach(async () => (registry = await startRegistry(tarball(entries))));
  afterEach(() => registry.close());

  it('fetches, converts, and afterwards needs no network', async () => {
    const models = await resolve();
    assert.deepEqual(readdirSync(models.folder).sort(), [
      'LICENSE',
      'blazeface.safetensors',
      'emotion.safetensors',
      'gear.safetensors',
      'manifest.json',
    ]);
    const { tensors, metadata } = await readSafetensors(join(models.folder, models.files.gear));
    assert.deepEqual([metadata.get('source'), metadata.get('network')], ['@org/weights@1.0.0', 'gear']);
    assert.equal(tensors.size, 34);
    assert.deepEqual(tensors.get('conv2d_2.weight')!.shape, [64, 32, 3, 3]);
    assert.deepEqual(tensors.get('dense_1.weight')!.shape, [256, 192]);
    await registry.close();
    assert.deepEqual(await resolve({ offline: true }), models);
  });

  it('replaces a damaged copy, and not offline', async () => {
    const { folder, files } = await resolve();
    writeFileSync(join(folder, files.emotion), 'damaged');
    await rejectsTyped(resolve({ offline: true }), 'ERR_OFFLINE', /HF_HUB_OFFLINE/, [at()]);
    await resolve();
    assert.equal((await readSafetensors(join(folder, files.emotion))).tensors.size, 22);
  });

  it('leaves nothing in the cache when weights are not those of the networks', async () => {
    const other = entries.map((entry) =>
      entry.path.endsWith('gear.json') ? { ...entry, data: entries.find(({ path }) => path.endsWith('emotion.json'))!.data! } : entry,
    );
    registry.archive = tarball(other);
    const broken = packageOf(registry.archive, wanted.members as string[]);
    const options = { registry: registry.address, cacheDir: at('cache'), offline: false, retries: 0 };
    await rejectsTyped(resolvePackage(broken, options), 'ERR_WEIGHTS_UNEXPECTED', /another network/, [at()]);
    const parent = at('cache', 'org--weights');
    assert.deepEqual(existsSync(parent) ? readdirSync(parent) : [], []);
  });

  it('names the variable that moves the cache when the disk refuses', async () => {
    writeFileSync(at('cache'), 'a file');
    await rejectsTyped(resolve(), 'ERR_IO', /HF_ASSETS_CACHE/, [at()]);
    rmSync(at('cache'));
  });

  it('refuses a registry that is no web address', async () => {
    await rejectsTyped(resolve({ registry: 'file:///etc' }), 'ERR_NETWORK', /npm_config_registry/);
  });
});
