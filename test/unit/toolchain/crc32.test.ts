import assert from 'node:assert/strict';
import { crc32, tableCrc32 } from '../../../native/toolchain/crc32.mjs';

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    assert.equal(tableCrc32(Buffer.from('123456789')), 0xcbf43926);
    assert.equal(crc32(Buffer.from('123456789'), 0), 0xcbf43926);
  });

  it('continues from what came before, with either implementation', () => {
    const data = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7919) & 0xff));
    const parts = tableCrc32(data.subarray(300), tableCrc32(data.subarray(0, 300)));
    assert.equal(parts, tableCrc32(data));
    assert.equal(crc32(data, 0), tableCrc32(data));
  });
});
