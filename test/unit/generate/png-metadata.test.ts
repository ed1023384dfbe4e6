import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { DeepcodeError } from '../../../ts/errors.js';
import { readChunks, textChunk, writeChunks, type PngChunk } from '../../../ts/generate/png-chunks.js';
import { markGenerated, readPngMetadata } from '../../../ts/generate/png-metadata.js';
import { pythonWith } from '../../support/python.js';
import { spawnSync } from 'node:child_process';

const PIXELS = Buffer.from(Array.from({ length: 6 * 4 * 3 }, (_, i) => (i * 37) % 256));
const picture = (): Promise<Buffer> => sharp(PIXELS, { raw: { width: 6, height: 4, channels: 3 } }).png().toBuffer();

/** The PNG with chunks after its header. */
async function withChunks(...chunks: PngChunk[]): Promise<Buffer> {
  const [header, ...rest] = readChunks(await picture());
  return writeChunks([header!, ...chunks, ...rest]);
}

const XMP = 'XML:com.adobe.xmp';

describe('PNG metadata', () => {
  const texts = {
    plain: 'a house\nSteps: 5, Seed: 1',
    'of another alphabet': 'ein Häuschen, 家, 🏠\nSteps: 5',
    'that is long': 'word '.repeat(3000),
    'with a quote, < and &': `"<rdf:RDF> & 'x'"`,
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`gives a text ${name} back`, async () => {
      const { width, height, parameters, digitalSourceType } = readPngMetadata(markGenerated(await picture(), text));
      assert.deepEqual({ width, height, parameters, digitalSourceType }, {
        width: 6, height: 4, parameters: text, digitalSourceType: 'trainedAlgorithmicMedia',
      }); // prettier-ignore
    });
  }

  it('leaves the pixels as they are, for other decoders too', async () => {
    const marked = markGenerated(await picture(), 'Häuschen 家');
    const { data } = await sharp(marked).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual(data, PIXELS);
    const { xmpAsString, xmp } = await sharp(marked).metadata();
    assert.match(String(xmpAsString ?? xmp), /digitalsourcetype\/trainedAlgorithmicMedia/);
  });

  it('is read by Pillow', async function () {
    const python = pythonWith('PIL');
    if (python === undefined) return this.skip();
    const script = `
import io, sys
from PIL import Image
image = Image.open(io.BytesIO(sys.stdin.buffer.read()))
image.load()
sys.stdout.buffer.write(image.text["parameters"].encode("utf-8"))`;
    for (const text of Object.values(texts)) {
      const input = markGenerated(await picture(), text);
      const result: { stdout: Buffer; stderr: Buffer } = spawnSync(python, ['-c', script], { input });
      assert.equal(result.stdout.toString('utf8'), text, result.stderr.toString());
    }
  });

  it('replaces marks that were there', async () => {
    const twice = markGenerated(markGenerated(await picture(), 'first'), 'second');
    assert.deepEqual(readPngMetadata(twice).texts, [{ keyword: 'parameters', text: 'second' }]);
  });

  it('reads compressed texts, and none that expands without end', async () => {
    const zipped = (text: Buffer): PngChunk => ({
      type: 'zTXt',
      data: Buffer.concat([Buffer.from('parameters\0\0'), deflateSync(text)]),
    });
    const international: PngChunk = {
      type: 'iTXt',
      data: Buffer.concat([Buffer.from('parameters\0\x01\0en\0\0'), deflateSync(Buffer.from('家'))]),
    };
    assert.equal(readPngMetadata(await withChunks(zipped(Buffer.from('small')))).parameters, 'small');
    assert.equal(readPngMetadata(await withChunks(international)).parameters, '家');
    assert.equal(readPngMetadata(await withChunks(zipped(Buffer.alloc(2 ** 26)))).parameters, null);
  });

  const spellings = {
    'an attribute': `<a Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalArt"/>`,
    'an element': `<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/digitalArt</Iptc4xmpExt:DigitalSourceType>`,
    'a resource': `<Iptc4xmpExt:DigitalSourceType rdf:resource='https://cv.iptc.org/newscodes/digitalsourcetype/digitalArt'/>`,
  };
  for (const [name, text] of Object.entries(spellings)) {
    it(`finds a source type that is ${name}`, async () => {
      const png = await withChunks(textChunk({ keyword: XMP, text }, 'iTXt'));
      assert.equal(readPngMetadata(png).digitalSourceType, 'digitalArt');
    });
  }

  it('says nothing of a file that says nothing', async () => {
    const { parameters, digitalSourceType, texts: none } = readPngMetadata(await picture());
    assert.deepEqual([parameters, digitalSourceType, none], [null, null, []]);
  });

  it('passes over texts that break their format', async () => {
    const broken = ['no separator', 'parameters', 'parameters\0', 'parameters\0\x01\0en\0\0not zlib'];
    for (const type of ['zTXt', 'iTXt']) {
      for (const data of broken) {
        assert.equal(readPngMetadata(await withChunks({ type, data: Buffer.from(data) })).parameters, null);
      }
    }
  });

  it('refuses what is no whole PNG', async () => {
    const png = await picture();
    const wrong = Buffer.from(png);
    wrong[png.length - 20]! ^= 1;
    const cases = [Buffer.alloc(0), Buffer.from('text'), png.subarray(0, 20), png.subarray(0, -1), png.subarray(0, -12), wrong];
    for (const bytes of cases) {
      assert.throws(() => readPngMetadata(bytes), (error: unknown) => error instanceof DeepcodeError && error.code === 'ERR_IMAGE');
    }
  });
});
