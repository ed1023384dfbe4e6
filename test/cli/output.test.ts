import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Output, printable, type Sink } from '../../ts/cli/output.js';

interface Recorder {
  sink: Sink;
  text: () => string;
}

function recorder(isTTY: boolean, columns = 40): Recorder {
  const stream = new PassThrough({ highWaterMark: 1 << 20 });
  return {
    sink: Object.assign(stream, { isTTY, columns }),
    text: () => String(stream.read() ?? ''),
  };
}

describe('Output', () => {
  it('#progress rewrites one line on a terminal, cut to its width', () => {
    const [out, err] = [recorder(true), recorder(true, 20)];
    const output = new Output(out.sink, err.sink, {});
    output.progress(`1/9 ${'x'.repeat(50)}`);
    output.note('a note');
    assert.equal(
      err.text(),
      `\r\u001b[K1/9 ${'x'.repeat(15)}\r\u001b[Ka note\n\r\u001b[K1/9 ${'x'.repeat(15)}`,
    );
    output.endProgress('done');
    assert.equal(err.text(), '\r\u001b[Kdone\n');
    output.note('later');
    assert.equal(err.text(), 'later\n');
  });

  it('#progress is silent at first where stderr is no terminal', () => {
    const [out, err] = [recorder(false), recorder(false)];
    const output = new Output(out.sink, err.sink, {});
    for (let i = 0; i < 100; i++) output.progress(`${i}/100`);
    output.endProgress('100 images');
    assert.equal(err.text(), '100 images\n');
  });

  it('#result takes the progress line away and draws it again below', async () => {
    const [out, err] = [recorder(true), recorder(true)];
    const output = new Output(out.sink, err.sink, {});
    output.progress('1/2');
    await output.result('fake 0.9');
    assert.equal(out.text(), 'fake 0.9\n');
    assert.equal(err.text(), '\r\u001b[K1/2\r\u001b[K\r\u001b[K1/2');
  });

  it('#result waits for a slow reader', async () => {
    const slow = new PassThrough({ highWaterMark: 4 });
    const output = new Output(slow, recorder(false).sink, {});
    let written = false;
    const write = output.result('more than four').then(() => (written = true));
    await sleep(5);
    assert.equal(written, false);
    slow.read();
    await write;
  });

  it('#result leaves no listeners behind', async () => {
    const slow = new PassThrough({ highWaterMark: 4 });
    const output = new Output(slow, recorder(false).sink, {});
    const count = (): number[] => ['drain', 'close', 'error'].map((event) => slow.listenerCount(event));
    const before = count();
    for (let i = 0; i < 3; i++) {
      const write = output.result('more than four');
      slow.read();
      await write;
    }
    assert.deepEqual(count(), before);
  });

  it('#result ends when the reader goes away', async () => {
    const gone = new PassThrough({ highWaterMark: 4 });
    const output = new Output(gone, recorder(false).sink, {});
    const write = output.result('more than four');
    gone.destroy();
    await write;
    output.markClosed();
    await output.result('nothing is written any more');
  });

  it('#json writes one line, also for text with line breaks', async () => {
    const out = recorder(false);
    await new Output(out.sink, recorder(false).sink, {}).json({ path: 'a\nb' });
    assert.equal(out.text(), '{"path":"a\\nb"}\n');
  });

  it('#paint colours on a terminal, or when told to', () => {
    const painted = (isTTY: boolean, env: NodeJS.ProcessEnv): string =>
      new Output(recorder(isTTY).sink, recorder(false).sink, env).paint('red', 'x');
    assert.equal(painted(true, {}), '\u001b[31mx\u001b[0m');
    assert.equal(painted(false, { FORCE_COLOR: '1' }), '\u001b[31mx\u001b[0m');
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }, { FORCE_COLOR: '0' }])
      assert.equal(painted(true, env), 'x');
    assert.equal(painted(false, {}), 'x');
  });
});

describe('printable', () => {
  it('keeps control characters of file names away from terminals', () => {
    assert.equal(printable('a\u001b[2Jb\u009b\n'), 'a\ufffd[2Jb\ufffd\ufffd');
    assert.equal(printable('Übung 漢字.png'), 'Übung 漢字.png');
  });
});
