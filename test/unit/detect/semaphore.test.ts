import assert from 'node:assert/strict';
import { Semaphore } from '../../../ts/detect/semaphore.js';

describe('Semaphore', () => {
  it('gives out slots in the order of asking', async () => {
    const semaphore = new Semaphore(1);
    const order: number[] = [];
    await semaphore.acquire();
    const waiting = [1, 2, 3].map((id) => semaphore.acquire().then(() => order.push(id)));
    for (let i = 0; i < 3; i++) semaphore.release();
    await Promise.all(waiting);
    assert.deepEqual(order, [1, 2, 3]);
  });

  it('#acquire rejects on abort and leaves the slot to the next', async () => {
    const semaphore = new Semaphore(1);
    await semaphore.acquire();
    const controller = new AbortController();
    const leaving = semaphore.acquire(controller.signal);
    const staying = semaphore.acquire();
    controller.abort();
    await assert.rejects(leaving, { name: 'AbortError' });
    semaphore.release();
    await staying;
    semaphore.release();
    await semaphore.acquire();
    await assert.rejects(semaphore.acquire(AbortSignal.abort()), { name: 'AbortError' });
  });
});
