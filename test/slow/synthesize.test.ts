import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { SAMPLES } from '../support/face-pictures.js';
import { pulledModels } from '../support/face-networks.js';
import { imagesOf, TINY_SYNTHESIS, writePhotos } from '../support/synthesis.js';
import { contentsOf, synthesizeInChild, type Kill } from '../support/synthesis-kill.js';

const KILLS = 50;
const PHOTOS = 60;

/** Photos enough that memory which is not given back would be seen, and where it is measured first. */
const LONG_RUN = 260;
const WARM_UP = 40;
const GROWTH = 32 * 2 ** 20;

/** Five while photos are read, three while the threshold is found, the others an image or two later each. */
function killNumber(i: number): Kill {
  const delay = (7 * i) % 40;
  if (i < 5) return { phase: 'read', events: 1 + 3 * i, delay: 0 };
  return i < 8 ? { phase: 'calibrate', events: 1 + i, delay: 0 } : { phase: 'draw', events: 1 + (i % 7), delay };
}

/** Faces whose files all differ. */
async function writeFaces(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const samples = readdirSync(SAMPLES).filter((name) => name.startsWith('real-'));
  for (let i = 0; i < count; i++) {
    const quality = 60 + (i % 40);
    const image = sharp(readFileSync(join(SAMPLES, samples[i % samples.length]!))).resize(400 + i, 500);
    await image.jpeg({ quality }).toFile(join(folder, `${String(i).padStart(3, '0')}.jpg`));
  }
}

describe('a long synthesis', function () {
  this.timeout(3_600_000);
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it(`ends with the data set of an uninterrupted one after ${KILLS} kill -9, and draws nothing twice`, async function () {
    await writePhotos(join(folder, 'photos'), PHOTOS);
    const options = { ...TINY_SYNTHESIS, photos: join(folder, 'photos'), threshold: 'auto', attempts: 2, steps: 4 };
    const whole = await synthesizeInChild({ ...options, out: join(folder, 'whole') });
    assert.equal(whole.status, 0, whole.stderr);
    const out = join(folder, 'killed');
    let killed = 0;
    const phases = new Map<string, number>();
    for (let i = 0; i < KILLS; i++) {
      const before = i === 0 ? {} : imagesOf(out);
      const { status, stderr, events } = await synthesizeInChild({ ...options, out }, killNumber(i));
      assert.ok(status === null || status === 0, stderr);
      if (status === null) killed++;
      const phase = events.at(-1)!.phase;
      phases.set(phase, (phases.get(phase) ?? 0) + 1);
      const after = imagesOf(out);
      for (const [name, record] of Object.entries(before)) assert.deepEqual(after[name], record);
    }
    const { status, stderr } = await synthesizeInChild({ ...options, out });
    assert.equal(status, 0, stderr);
    assert.deepEqual(contentsOf(out), contentsOf(join(folder, 'whole')));
    this.test!.title += ` (${[...phases].map(([phase, times]) => `${times} in ${phase}`).join(', ')})`;
    assert.equal(killed, KILLS);
    assert.deepEqual([...phases.keys()], ['read', 'calibrate', 'draw']);
  });

  it(`keeps its memory within 32 MB from photo ${WARM_UP} to photo ${LONG_RUN}`, async function () {
    const models = pulledModels();
    await writeFaces(join(folder, 'photos'), LONG_RUN);
    const reading = models === undefined ? { attributes: 'none' } : { attributes: 'age,gender,race,emotion', attributeModels: models };
    const options = { ...TINY_SYNTHESIS, ...reading, photos: join(folder, 'photos'), out: join(folder, 'out'), gramSize: 64 };
    // V8 lets its young generation grow to tens of megabytes in a busy process, which is not what is measured.
    const { status, stderr, events } = await synthesizeInChild(options, undefined, ['--expose-gc', '--max-semi-space-size=1']);
    assert.equal(status, 0, stderr);
    const figures: string[] = [];
    for (const phase of ['read', 'draw']) {
      const at = (photo: number): number => events.filter((event) => event.phase === phase && event.done === photo && event.bytes > 0).at(-1)!.bytes;
      const grown = at(LONG_RUN) - at(WARM_UP);
      figures.push(`${phase} ${(grown / 2 ** 20).toFixed(1)} MB on top of ${(at(WARM_UP) / 2 ** 20).toFixed(0)} MB`);
      assert.ok(grown <= GROWTH, figures.join());
    }
    this.test!.title += ` (${figures.join('; ')})`;
  });
});
