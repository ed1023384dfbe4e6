/** `deepcode pull`, `models` and a detector named by its hub id, against a hub made for the test. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLines, runCli, type CliResult } from '../support/cli.js';
import { startHub, type FakeHub } from '../support/hub-server.js';
import { writeRandomVit } from '../support/random-vit.js';

const ONE = join(__dirname, '..', 'data', 'samples', 'real-london-1.jpg');

describe('deepcode with a hub', () => {
  let folder: string;
  let hub: FakeHub;
  const run = (args: string[], env: Record<string, string> = {}): Promise<CliResult> =>
    runCli(args, {
      env: {
        HF_ENDPOINT: hub.endpoint,
        HF_HUB_CACHE: join(folder, 'cache'),
        HF_TOKEN: '',
        HF_HUB_OFFLINE: '',
        ...env,
      },
    });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
    const model = writeRandomVit(join(folder, 'vit'), { imageSize: 64 });
    const files = ['config.json', 'model.safetensors'].map(
      (name) => [name, readFileSync(join(model, name))] as const,
    );
    hub = await startHub(Object.fromEntries(files));
  });
  after(async () => {
    await hub.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('scores with a model that it fetches, then with the cached one offline', async () => {
    const offline = await run(['detect', ONE, '--json', '--model', 'org/model'], {
      HF_HUB_OFFLINE: '1',
    });
    assert.match(offline.stderr, /\[ERR_OFFLINE\]/);
    const local = await run(['detect', ONE, '--json', '--model', join(folder, 'vit')]);
    const fetched = await run(['detect', ONE, '--json', '--model', 'org/model']);
    assert.deepEqual([fetched.code, fetched.stdout], [0, local.stdout]);
    const cached = await run(['detect', ONE, '--json', '--model', 'org/model'], {
      HF_HUB_OFFLINE: '1',
    });
    assert.equal(cached.stdout, local.stdout);
  });

  it('pull prints the folder, and models lists it', async () => {
    const pulled = await run(['pull', 'org/model', '--json']);
    const [model] = jsonLines(pulled.stdout);
    assert.deepEqual([...(model!.files as string[])].sort(), ['config.json', 'model.safetensors']);
    const [listed] = jsonLines((await run(['models', '--json'])).stdout).filter(
      ({ origin }) => origin === 'cache',
    );
    assert.equal(listed!.id, `org/model@${String(model!.commit)}`);
    assert.equal(listed!.bytes, readFileSync(join(folder, 'vit', 'model.safetensors')).length);
    const again = await run(['detect', ONE, '--json', '--model', String(listed!.id)]);
    assert.equal(again.code, 0);
  });

  it('says what a wrong id is', async () => {
    assert.match((await run(['pull', 'no such id'])).stderr, /hub id.*\[ERR_IO\]/);
    assert.equal((await run(['pull', 'a/b', 'c/d'])).code, 2);
  });
});
