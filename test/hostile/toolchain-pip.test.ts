import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { downloadWithPip } from '../../native/toolchain/pip.mjs';
import pythons from '../../native/toolchain/python.cjs';
import { codeIs, useFetchCase, wheel } from '../support/fetch-case.js';
import { temporaryFiles } from '../support/fetch-kill.js';
import { fakeWheel, pinOf, WHEEL_NAME } from '../support/libtorch-server.js';

describe('downloadWithPip', () => {
  const fetching = useFetchCase();
  const python = pythons.pythonWithPip();
  const target = (): string => join(fetching.folder, 'cache.whl');
  const env = (links: string) => ({
    ...process.env,
    PIP_FIND_LINKS: links,
    PIP_NO_INDEX: '1',
    PIP_CONFIG_FILE: '/dev/null',
  });
  const offer = (bytes: Buffer): string => {
    const links = join(fetching.folder, 'links');
    mkdirSync(links);
    writeFileSync(join(links, WHEEL_NAME), bytes);
    return links;
  };
  beforeEach(function () {
    if (python !== undefined) return;
    this.currentTest!.skipReason = 'there is no pip on this machine';
    this.skip();
  });

  it('takes the wheel from a folder that pip is told of', async () => {
    const links = offer(wheel);
    await downloadWithPip(pinOf(wheel), target(), { python, env: env(links) });
    assert.deepEqual(readFileSync(target()), wheel);
    assert.deepEqual(temporaryFiles(fetching.folder), []);
  });

  it('refuses a wheel of the right name with other contents', async () => {
    const links = offer(fakeWheel(200_000));
    await assert.rejects(
      downloadWithPip(pinOf(wheel), target(), { python, env: env(links) }),
      codeIs('ERR_CHECKSUM'),
    );
    assert.deepEqual(readdirSync(fetching.folder), ['links']);
  });

  it('passes on what pip says', async () => {
    const links = join(fetching.folder, 'empty');
    mkdirSync(links);
    await assert.rejects(
      downloadWithPip(pinOf(wheel), target(), { python, env: env(links) }),
      codeIs('ERR_NETWORK', /No matching distribution/),
    );
    assert.deepEqual(readdirSync(fetching.folder), ['empty']);
  });
});
