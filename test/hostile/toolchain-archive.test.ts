import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractMembers } from '../../native/toolchain/extract.mjs';
import { LIBTORCH_MEMBERS } from '../../native/toolchain/fetch-libtorch.mjs';
import { fakeTorchMembers, writeZip, type ZipMember, type ZipOptions } from '../support/zip-writer.js';

const LIMITS = {
  entries: 100,
  memberBytes: 1 << 22,
  totalBytes: 1 << 23,
  ratio: 50,
  ratioFromBytes: 1 << 16,
  tableBytes: 1 << 20,
};
const TAKEN = { prefix: 'torch/', members: LIBTORCH_MEMBERS };
const evil = (member: ZipMember): ZipMember[] => fakeTorchMembers([{ data: 'evil', ...member }]);

describe('extractMembers with hostile archives', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-archive-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function extract(bytes: Buffer, isWheel = true): Promise<Record<string, unknown>> {
    const file = join(folder, 'archive.zip');
    writeFileSync(file, bytes);
    mkdirSync(join(folder, 'out'));
    const fd = openSync(file, 'r');
    try {
      return await extractMembers(fd, join(folder, 'out'), { ...TAKEN, isWheel, limits: LIMITS });
    } finally {
      closeSync(fd);
    }
  }

  async function assertRefused(bytes: Buffer, reason: RegExp): Promise<void> {
    await assert.rejects(extract(bytes), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'ERR_ARCHIVE', error.stack);
      assert.match(error.message, reason);
      assert.ok(error.message.length <= 300);
      return true;
    });
    assert.deepEqual(readdirSync(folder).sort(), ['archive.zip', 'out'], 'nothing beside the target folder');
  }

  it('takes include, lib and share/cmake and nothing else', async () => {
    const files = await extract(writeZip(fakeTorchMembers()));
    assert.deepEqual(Object.keys(files).sort(), [
      'include/torch/csrc/api/include/torch/version.h',
      'lib/libc10.so',
      'lib/libtorch_cpu.so',
      'share/cmake/Torch/TorchConfig.cmake',
      'version.py',
    ]);
    assert.ok(!existsSync(join(folder, 'out', 'bin')) && !existsSync(join(folder, 'out', '__init__.py')));
    assert.match(readFileSync(join(folder, 'out', 'lib', 'libc10.so'), 'utf8'), /^libtorch libtorch /);
  });

  it('reads zip64 fields and an archive comment', async () => {
    const options: ZipOptions = { zip64: true, comment: Buffer.from('a comment') };
    assert.equal(Object.keys(await extract(writeZip(fakeTorchMembers(), options))).length, 5);
  });

  it('streams a large member', async () => {
    const members = fakeTorchMembers([], 5_000_000).map((member) => ({ ...member, store: true }));
    const file = join(folder, 'big.zip');
    writeFileSync(file, writeZip(members));
    const fd = openSync(file, 'r');
    mkdirSync(join(folder, 'out'));
    const limits = { ...LIMITS, memberBytes: 1 << 23, totalBytes: 1 << 26 };
    const files = await extractMembers(fd, join(folder, 'out'), { ...TAKEN, isWheel: true, limits });
    closeSync(fd);
    assert.equal(files['lib/libtorch_cpu.so'][0], 5_000_000);
    assert.equal(readFileSync(join(folder, 'out', 'lib', 'libtorch_cpu.so')).length, 5_000_000);
  });

  const refusedMembers: [string, ZipMember, RegExp][] = [
    ['a path with ..', { name: 'torch/lib/../../../escape' }, /not a plain relative path/],
    ['.. at the start', { name: '../escape' }, /not a plain relative path/],
    [
      '.. outside the folders that are taken',
      { name: 'torch/test/../../../escape' },
      /not a plain relative path/,
    ],
    ['an absolute path', { name: '/tmp/escape' }, /absolute/],
    ['a Windows path', { name: 'torch\\lib\\escape' }, /Windows/],
    ['a drive letter', { name: 'C:/escape' }, /Windows/],
    ['a dot segment', { name: 'torch/lib/./escape' }, /not a plain relative path/],
    ['an empty segment', { name: 'torch/lib//escape' }, /not a plain relative path/],
    ['an empty name', { name: '' }, /proper name/],
    ['a NUL in a name', { name: 'torch/lib/a\0b' }, /proper name/],
    ['a symbolic link', { name: 'torch/lib/link', data: '/etc/passwd', mode: 0o120777 }, /link/],
    [
      'a symbolic link elsewhere in it',
      { name: 'torch/test/link', data: '/etc/passwd', mode: 0o120777 },
      /link/,
    ],
    ['a device', { name: 'torch/lib/device', mode: 0o020666 }, /special file/],
    ['a file that claims to be a folder', { name: 'torch/lib/folder', mode: 0o040755 }, /special file/],
    ['an encrypted member', { name: 'torch/lib/x', flags: 0x801 }, /encrypted/],
    ['an unknown compression', { name: 'torch/lib/x', method: 99 }, /unknown compression/],
    ['the same name twice', { name: 'torch/lib/libc10.so' }, /twice/],
    ['a file where a folder is needed', { name: 'torch/lib' }, /both a file and a folder/],
    [
      'a bomb that is honest about its size',
      { name: 'torch/lib/bomb', data: Buffer.alloc(1 << 21) },
      /expands more than/,
    ],
    [
      'a bomb that lies about its size',
      { name: 'torch/lib/bomb', data: Buffer.alloc(1 << 21), claim: { size: 100 } },
      /damaged/,
    ],
    [
      'a member over the limit',
      { name: 'torch/lib/x', claim: { size: (1 << 22) + 1, compressedSize: 1 << 22 } },
      /too large/,
    ],
    ['a stored member of two sizes', { name: 'torch/lib/x', store: true, claim: { size: 400 } }, /size of/],
    ['a size that is too small', { name: 'torch/lib/x', data: 'four', claim: { size: 3 } }, /damaged/],
    ['a size that is too large', { name: 'torch/lib/x', data: 'four', claim: { size: 5 } }, /damaged/],
    ['a wrong CRC', { name: 'torch/lib/x', claim: { crc: 1 } }, /damaged/],
    ['two members in the same bytes', { name: 'torch/lib/x', claim: { offset: 0 } }, /overlap/],
    ['another name in the local header', { name: 'torch/lib/x', localName: 'torch/lib/y' }, /differ/],
    ['an offset past the end', { name: 'torch/lib/x', claim: { offset: 0xfffffff0 } }, /overlap/],
  ];
  for (const [what, member, reason] of refusedMembers) {
    it(`refuses ${what}`, () => assertRefused(writeZip(evil(member)), reason));
  }

  it('refuses a member that its RECORD does not list', () => {
    const [record, ...rest] = fakeTorchMembers().reverse() as [ZipMember, ...ZipMember[]];
    const members = [...rest, { name: 'torch/lib/added.so', data: 'added' }, record];
    return assertRefused(writeZip(members), /not what the RECORD/);
  });

  it('refuses a member with other contents than its RECORD says', () => {
    const members = fakeTorchMembers().map((m) =>
      m.name.endsWith('libc10.so') ? { ...m, data: 'changed' } : m,
    );
    return assertRefused(writeZip(members), /not what the RECORD/);
  });

  it('refuses a wheel without RECORD', () =>
    assertRefused(writeZip(fakeTorchMembers().slice(0, -1)), /no RECORD/));

  it('refuses too many members', () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ name: `torch/lib/${i}` }));
    return assertRefused(writeZip(fakeTorchMembers(many)), /more than 100/);
  });

  it('refuses contents that are too large together', () => {
    const parts = [1, 2, 3].map((i) => ({
      name: `torch/lib/${i}`,
      claim: { size: 3 << 20, compressedSize: 3 << 20 },
      data: Buffer.alloc(3 << 20, 'x'),
      store: true,
    }));
    return assertRefused(writeZip(fakeTorchMembers(parts)), /too large/);
  });

  it('refuses a count that is not that of the table', async () => {
    const bytes = writeZip(fakeTorchMembers(), { count: 5 });
    await assertRefused(bytes, /table of contents is damaged/);
  });

  it('refuses bytes between the members and the table that no offset accounts for', async () => {
    const honest = writeZip(fakeTorchMembers());
    await assertRefused(Buffer.concat([Buffer.from('#!/bin/sh\n'), honest]), /damaged/);
  });

  it('refuses bytes after the end record', () =>
    assertRefused(
      Buffer.concat([writeZip(fakeTorchMembers()), Buffer.from('appended')]),
      /no table of contents/,
    ));

  it('refuses every truncation', async function () {
    const whole = writeZip(fakeTorchMembers());
    for (let length = 0; length < whole.length; length += 37) {
      await assertRefused(whole.subarray(0, length), /too short|no table of contents|truncated|damaged/);
      rmSync(join(folder, 'out'), { recursive: true });
    }
  });

  it('refuses every flipped byte that matters, and never crashes', async () => {
    const whole = writeZip(fakeTorchMembers());
    let refused = 0;
    for (let at = 0; at < whole.length; at += 11) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] as number) ^ 0x55;
      try {
        await extract(bytes);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ERR_ARCHIVE', `byte ${at}: ${error}`);
        refused += 1;
      }
      rmSync(join(folder, 'out'), { recursive: true });
    }
    assert.ok(refused > whole.length / 11 / 2, `${refused} refused`);
  });
});
