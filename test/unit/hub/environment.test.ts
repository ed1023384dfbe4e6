import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hubEnvironment } from '../../../ts/hub/environment.js';

describe('hubEnvironment()', () => {
  const home = { HOME: '/home/someone' };

  it('has the defaults of huggingface_hub', () => {
    const { endpoint, cacheDir, token, offline } = hubEnvironment(home);
    assert.equal(endpoint, 'https://huggingface.co');
    assert.equal(cacheDir, '/home/someone/.cache/huggingface/hub');
    assert.deepEqual([token, offline], [undefined, false]);
  });

  it('the cache folder: HF_HUB_CACHE before HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME', () => {
    const at = (env: object): string => hubEnvironment({ ...home, ...env }).cacheDir;
    const all = {
      XDG_CACHE_HOME: '/x',
      HF_HOME: '/h',
      HUGGINGFACE_HUB_CACHE: '/old',
      HF_HUB_CACHE: '/c',
    };
    assert.equal(at(all), '/c');
    assert.equal(at({ ...all, HF_HUB_CACHE: '' }), '/old');
    assert.equal(at({ XDG_CACHE_HOME: '/x', HF_HOME: '/h' }), '/h/hub');
    assert.equal(at({ XDG_CACHE_HOME: '/x' }), '/x/huggingface/hub');
    assert.equal(at({ HF_HUB_CACHE: '~/c' }), '/home/someone/c');
    assert.equal(at({ HF_HUB_CACHE: '$BASE/c', BASE: '/b' }), '/b/c');
    assert.equal(at({ HF_HUB_CACHE: '${BASE}/c', BASE: '/b' }), '/b/c');
  });

  it('the token: HF_TOKEN, else its file, unless implicit tokens are off', () => {
    const folder = mkdtempSync(join(tmpdir(), 'deepcode-token-'));
    try {
      writeFileSync(join(folder, 'token'), ' hf_file \n');
      assert.equal(hubEnvironment({ HF_HOME: folder }).token, 'hf_file');
      assert.equal(hubEnvironment({ HF_HOME: folder, HF_TOKEN: 'hf_env\n' }).token, 'hf_env');
      assert.equal(hubEnvironment({ HF_TOKEN_PATH: join(folder, 'token') }).token, 'hf_file');
      assert.equal(
        hubEnvironment({ HF_HOME: folder, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }).token,
        undefined,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('offline: 1, on, yes and true in any case', () => {
    for (const value of ['1', 'ON', 'yes', 'True'])
      assert.ok(hubEnvironment({ HF_HUB_OFFLINE: value }).offline, value);
    for (const value of ['0', '', 'off', 'no'])
      assert.ok(!hubEnvironment({ HF_HUB_OFFLINE: value }).offline, value);
    assert.ok(hubEnvironment({ TRANSFORMERS_OFFLINE: '1' }).offline);
  });

  it('the endpoint loses its last slash, and must be http or https', () => {
    assert.equal(
      hubEnvironment({ HF_ENDPOINT: 'https://mirror.example/hf/' }).endpoint,
      'https://mirror.example/hf',
    );
    for (const endpoint of [
      'ftp://x',
      'huggingface.co',
      'file:///tmp',
      'https://user:secret@host',
    ]) {
      assert.throws(() => hubEnvironment({ HF_ENDPOINT: endpoint }), { code: 'ERR_NETWORK' });
    }
  });
});
